import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ledgerTopic } from '../../src/plan/topic-names.js';
import { createVeloOn } from '../../src/velo.js';
import { DeadLettersInTest, died } from '../support/dead-letters.js';
import { MemoryTransactions } from '../support/memory-transactions.js';
import { MortalClient } from '../support/mortal-client.js';
import { VirtualClock } from '../support/virtual-clock.js';

const DLT = 'orders-billing-dlt';
const TIER = 'orders-billing-retry-5s';
const PARTITIONS = 3;
const BATCH = 500;

const death = fc.record({
  calls: fc.integer({ min: 1, max: 40 }),
  /** The last call reaches the brokers, and its answer nobody. */
  after: fc.boolean(),
  /** A transaction that is under way stays open. */
  hung: fc.boolean(),
});
const scene = fc.record({
  letters: fc.array(fc.nat(PARTITIONS - 1), { minLength: 1, maxLength: 40 }),
  deaths: fc.array(death, { maxLength: 5 }),
  perSecond: fc.constantFrom(undefined, 20, 1_000),
  action: fc.constantFrom('replay', 'discard'),
});

/** Replays, or discards, in one process after the other; each dies at one of its calls, but the last. */
async function play(
  { letters, deaths, perSecond, action }: typeof scene extends fc.Arbitrary<infer S> ? S : never,
  scope: 'at-least-once' | 'by-partition' | 'by-member',
) {
  const test = new DeadLettersInTest(PARTITIONS);
  const { cluster } = test;
  cluster.create(TIER, PARTITIONS);
  const transactions = scope === 'at-least-once' ? undefined : new MemoryTransactions(cluster, scope);
  cluster.transactions = transactions;
  for (const [i, partition] of letters.entries())
    cluster.produce(DLT, partition, died({ value: String(i), offset: i, partition }));
  for (const { calls, after, hung } of deaths) {
    const clock = new VirtualClock();
    const client = new MortalClient(calls, after, () => {
      if (hung && transactions !== undefined) transactions.onTransact = () => 'hung';
    });
    const velo = createVeloOn(() => client.wrap(cluster.open()), { clock, env: {} });
    const dying = velo.deadLetters({ groupId: 'billing' });
    const done =
      action === 'replay' ? dying.replay({ perSecond }) : dying.discard({ filter: {}, note: 'all of them' });
    let over = false;
    done
      .finally(() => {
        over = true;
      })
      .catch(() => {});
    for (let time = 0; !client.dead && !over && time < 60_000; time += 100) await clock.advance(100);
    await clock.advance(10);
    for (const member of cluster.members) member.stopped = true;
    if (transactions !== undefined) transactions.onTransact = () => 'commit';
  }
  const last = test.letters();
  if (action === 'replay') await test.done(last.replay({ perSecond }));
  else await test.done(last.discard({ filter: {}, note: 'all of them' }));
  const listed = await test.all(last.list({ status: 'all' }));
  const copies = cluster.topics.get(TIER)?.flatMap((_, partition) => cluster.values(TIER, partition)) ?? [];
  return { test, listed, copies };
}

it.each(['by-partition', 'by-member'] as const)(
  'no dead letter is lost, and none goes twice, whenever processes die: transactions %s',
  async (scope) => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const { listed, copies } = await play(given, scope);
        const all = given.letters.map((_, i) => String(i)).sort();
        expect(listed.map(({ status }) => status)).toEqual(
          all.map(() => (given.action === 'replay' ? 'replayed' : 'discarded')),
        );
        expect([...copies].sort()).toEqual(given.action === 'replay' ? all : []);
      }),
      { numRuns: 60 },
    );
  },
  120_000,
);

it('without transactions none is lost, and a death doubles no more than a batch', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      const { listed, copies, test } = await play(given, 'at-least-once');
      const replays = given.action === 'replay';
      expect(listed.every(({ status }) => status === (replays ? 'replayed' : 'discarded'))).toBe(true);
      expect(listed).toHaveLength(given.letters.length);
      expect(new Set(copies).size).toBe(replays ? given.letters.length : 0);
      expect(copies.length - new Set(copies).size).toBeLessThanOrEqual(given.deaths.length * BATCH);
      // At that rate a batch is one copy, or two.
      if (given.perSecond === 20)
        expect(copies.length - new Set(copies).size).toBeLessThanOrEqual(given.deaths.length * 2);
      expect(test.cluster.topics.get(ledgerTopic(DLT))).toHaveLength(PARTITIONS);
    }),
    { numRuns: 60 },
  );
}, 120_000);
