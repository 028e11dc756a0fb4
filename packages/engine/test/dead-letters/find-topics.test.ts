import { describe, expect, it } from 'vitest';
import { findDeadLetterTopics } from '../../src/dead-letters/find-topics.js';
import { deadLetterTopic, ledgerTopic } from '../../src/plan/topic-names.js';

const find = (listed: readonly string[], groupId: string, named?: readonly string[]) =>
  findDeadLetterTopics(listed, groupId, named).map(({ topic, source, holdsGroup }) => [
    topic,
    source,
    holdsGroup,
  ]);

describe('the topics of dead letters', () => {
  it.each(['billing', 'billing-eu', 'a.b', '0123456789a'])(
    'of group %s are found by their names',
    (group) => {
      const own = deadLetterTopic('orders', group);
      const listed = ['orders', own, deadLetterTopic('orders', 'shipping'), ledgerTopic(own)];
      expect(find(listed, group)).toEqual([[own, 'orders', true]]);
    },
  );

  it('are found though their source is gone', () => {
    for (const group of ['billing', 'billing-eu'])
      expect(find([deadLetterTopic('orders', group)], group)).toEqual([
        [deadLetterTopic('orders', group), 'orders', true],
      ]);
  });

  it("are Spring's, too, which other groups may share", () => {
    expect(find(['orders', 'orders-dlt', 'gone-dlt'], 'billing')).toEqual([['orders-dlt', 'orders', false]]);
  });

  it('are named by their source or by themselves', () => {
    const own = deadLetterTopic('orders', 'billing');
    const listed = ['orders', own, 'payments', 'payments-billing-dlt', 'broken'];
    expect(find(listed, 'billing', ['orders'])).toEqual([[own, 'orders', true]]);
    expect(find(listed, 'billing', [own, 'broken'])).toEqual([
      [own, 'orders', true],
      ['broken', undefined, false],
    ]);
    expect(() => find(listed, 'billing', ['nowhere'])).toThrow(/nowhere.*nowhere-billing-dlt/s);
  });
});

describe('the name of a ledger', () => {
  it('is legal, and of no two topics the same', () => {
    const long = 'x'.repeat(249);
    const names = ['orders-dlt', long, `${long.slice(0, 248)}y`, long.slice(0, 241), long.slice(0, 242)];
    const ledgers = names.map(ledgerTopic);
    expect(new Set([...names, ...ledgers]).size).toBe(10);
    for (const name of ledgers) expect(name.length).toBeLessThanOrEqual(249);
    // A topic that has the name of a cut one has a ledger of its own.
    const cut = ledgerTopic(long).slice(0, -'-ledger'.length);
    expect(ledgerTopic(cut)).not.toBe(ledgerTopic(long));
  });
});
