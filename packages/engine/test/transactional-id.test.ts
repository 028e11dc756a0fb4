import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  memberTransactionalId,
  transactionalId,
  transactionalIdPrefix,
} from '../src/binding/transactional-id.js';

const groups = fc.string({ minLength: 1, maxLength: 20 });
const topics = fc.stringMatching(/^[a-zA-Z0-9._-]{1,20}$/);
const places = fc.tuple(groups, topics, fc.nat(99));

describe('the transactional id of a partition', () => {
  it('is nobody else’s: two different groups, topics or partitions never meet', () => {
    fc.assert(
      fc.property(places, places, (a, b) => {
        expect(transactionalId(...a) === transactionalId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('is none of a member’s', () => {
    fc.assert(
      fc.property(places, groups, fc.uuid(), (place, group, unique) => {
        expect(transactionalId(...place)).not.toBe(memberTransactionalId(group, unique));
      }),
    );
  });

  it('begins as all of its group do, whose prefix an ACL can name', () => {
    const prefix = transactionalIdPrefix({ handOff: 'transactional', groupId: 'billing' });
    expect(prefix).toBe('velo/billing/');
    expect(transactionalId('billing', 'orders', 3)).toBe('velo/billing/orders/3');
    expect(memberTransactionalId('billing', 'x').startsWith(prefix as string)).toBe(true);
    expect(transactionalIdPrefix({ handOff: 'at-least-once', groupId: 'billing' })).toBeUndefined();
  });
});
