import { describe, expect, it } from 'vitest';
import { lazyHeaders } from '../../src/binding/lazy-headers.js';
import { checkFilter } from '../../src/dead-letters/filter.js';
import { readLetter } from '../../src/dead-letters/letter.js';
import type { DeadLetterFilter } from '../../src/dead-letters/types.js';
import { type Died, died } from '../support/dead-letters.js';

const NOW = 1_700_000_000_000;
const found = { topic: 'orders-billing-dlt', source: 'orders', holdsGroup: true, isNamed: false };

function letter(given: Died = {}) {
  const { headers = [], key = null, value = null } = died(given);
  const record = { topic: found.topic, partition: 2, offset: '41', timestamp: NOW - 60_000, key, value };
  const read = readLetter(
    { ...record, headers: lazyHeaders(() => headers, 0) },
    { groupId: 'billing', found },
  );
  if (read === undefined) throw new Error('it is none');
  return read;
}
const takes = (filter: DeadLetterFilter, given?: Died) => checkFilter(filter, NOW).matches(letter(given));

describe('a filter', () => {
  it.each<[DeadLetterFilter, Died, boolean]>([
    [{}, {}, true],
    [{ reason: 'permanent' }, { reason: 'permanent' }, true],
    [{ reason: 'permanent' }, {}, false],
    [{ category: 'NetworkIssue' }, { category: 'NetworkIssue' }, true],
    [{ category: 'NetworkIssue' }, {}, false],
    [{ key: 'alice' }, { key: 'alice' }, true],
    [{ key: Buffer.from('alice') }, { key: 'alice' }, true],
    [{ key: null }, {}, true],
    [{ key: null }, { key: '' }, false],
    [{ header: 'tenant' }, { headers: [['tenant', null]] }, true],
    [{ header: 'tenant' }, {}, false],
    [{ header: 'tenant=a=b' }, { headers: [['tenant', Buffer.from('a=b')]] }, true],
    [
      { header: 'tenant=x' },
      {
        headers: [
          ['tenant', Buffer.from('x')],
          ['tenant', Buffer.from('y')],
        ],
      },
      true,
    ],
    [{ header: { name: 'tenant', value: null } }, { headers: [['tenant', null]] }, true],
    [{ source: 'orders' }, {}, true],
    [{ source: 'payments' }, {}, false],
    [{ since: '2m' }, {}, true],
    [{ since: '30s' }, {}, false],
    [{ until: NOW - 60_000 }, {}, false],
    [{ until: new Date(NOW).toISOString(), since: new Date(NOW - 60_000) }, {}, true],
    [{ reason: 'exhausted', key: 'alice' }, { key: 'bob' }, false],
  ])('%j takes %j: %s', (filter, given, taken) => {
    expect(takes(filter, given)).toBe(taken);
  });

  it('knows the fingerprint of a dead letter, whatever numbers its message holds', () => {
    const { fingerprint } = letter({ message: 'no order 17' });
    expect(takes({ fingerprint }, { message: 'no order 99' })).toBe(true);
    expect(takes({ fingerprint }, { message: 'no user 17' })).toBe(false);
  });

  it('names places with a topic or without', () => {
    const { places } = checkFilter({ at: ['3:7', 'orders-billing-dlt:0:12'] }, NOW);
    expect(places).toEqual([
      { topic: undefined, partition: 3, offset: 7 },
      { topic: 'orders-billing-dlt', partition: 0, offset: 12 },
    ]);
  });

  it.each<[object, RegExp]>([
    [{ reson: 'permanent' }, /reson.*reason/],
    [{ reason: 'later' }, /later.*'permanent'/],
    [{ category: 'network' }, /NetworkIssue/],
    [{ at: '3' }, /partition:offset/],
    [{ at: [] }, /at least one/],
    [{ at: '0:99999999999999999' }, /partition:offset/],
    [{ since: 'soon' }, /soon.*24h/],
    [{ since: Number.NaN }, /since/],
    [{ since: '1h', until: '2h' }, /nothing lies between/],
    [{ key: 7 }, /Buffer/],
    [{ header: '' }, /header/],
    [{ header: { nam: 'x' } }, /nam/],
    [{ fingerprint: '' }, /fingerprint/],
    [{ source: 'a b' }, /legal/],
  ])('%j is refused in words', (filter, words) => {
    expect(() => checkFilter(filter, NOW)).toThrow(words);
  });
});
