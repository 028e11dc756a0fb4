import { sleep } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding, MemberSink } from '../../src/binding/binding.js';
import type { TopicPartition } from '../../src/binding/record.js';
import type { DeadLetters, ReplayResult } from '../../src/dead-letters/types.js';
import { createVeloOn } from '../../src/velo.js';
import { DeadLettersInTest, died } from '../support/dead-letters.js';
import type { MemoryMember } from '../support/memory-cluster.js';
import { MemoryTransactions } from '../support/memory-transactions.js';

const DLT = 'orders-billing-dlt';
const TIER = 'orders-billing-retry-5s';
const WORKERS = 'billing-dead-letters';
const PARTITIONS = 4;
const EACH = 20;

/** The group that shares the work: its members get what they ask for anew whenever one comes or goes. */
class Workers {
  readonly #test: DeadLettersInTest;
  readonly #present: { readonly member: MemoryMember; readonly sink: MemberSink }[] = [];
  joins = 0;
  /** Each rebalance gives every partition to another one. */
  rotates = false;
  rebalances = 0;

  constructor(test: DeadLettersInTest) {
    this.#test = test;
    test.cluster.autoAssign = false;
  }

  get size(): number {
    return this.#present.length;
  }

  readonly open = (): ClientBinding => {
    const binding = this.#test.cluster.open();
    const join: ClientBinding['join'] = async (membership, sink) => {
      const member = (await binding.join(membership, sink)) as MemoryMember;
      if (membership.groupId !== WORKERS) {
        member.assignAll();
        return member;
      }
      this.joins++;
      const one = { member, sink };
      this.#present.push(one);
      void this.rebalance();
      const stop = member.stop.bind(member);
      member.stop = async () => {
        await stop();
        this.#present.splice(this.#present.indexOf(one), 1);
        void this.rebalance();
      };
      return member;
    };
    return { ...binding, join };
  };

  letters(): DeadLetters {
    const velo = createVeloOn(this.open, { clock: this.#test.clock, env: {} });
    this.#test.velos.push(velo);
    return velo.deadLetters({ groupId: 'billing' });
  }

  /** Some time after all have come to rest, they have their new partitions. */
  async rebalance(rest = () => {}): Promise<void> {
    const now = ++this.rebalances;
    await Promise.all(this.#present.map(({ sink }) => sink.revoking([])));
    rest();
    await sleep(200, undefined, this.#test.clock);
    if (now !== this.rebalances) return;
    for (const [i, { member }] of this.#present.entries()) member.assign(this.#share(i));
  }

  #share(index: number): TopicPartition[] {
    const turn = this.rotates ? this.rebalances : 0;
    return Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: DLT, partition })).filter(
      ({ partition }) => (partition + turn) % this.#present.length === index,
    );
  }
}

let test: DeadLettersInTest;
let workers: Workers;

beforeEach(() => {
  test = new DeadLettersInTest(PARTITIONS);
  test.cluster.create(TIER, PARTITIONS);
  workers = new Workers(test);
});
afterEach(() => test.end());

/** As many in each of these partitions, each with a value of its own. */
function produce(...counts: number[]): string[] {
  return counts.flatMap((count, partition) => {
    const values = Array.from({ length: count }, (_, i) => `${partition}/${i}`);
    test.cluster.produce(
      DLT,
      partition,
      ...values.map((value, offset) => died({ value, partition, offset })),
    );
    return values;
  });
}
const copies = () => (test.cluster.topics.get(TIER) ?? []).flatMap((_, i) => test.cluster.values(TIER, i));
const sum = (results: readonly ReplayResult[]) => results.reduce((all, { replayed }) => all + replayed, 0);

describe.each(['at-least-once', 'by-partition', 'by-member'] as const)(
  'two replays at a time, %s',
  (scope) => {
    let transactions: MemoryTransactions | undefined;
    beforeEach(() => {
      transactions = scope === 'at-least-once' ? undefined : new MemoryTransactions(test.cluster, scope);
      test.cluster.transactions = transactions;
    });

    it('share the partitions: each dead letter goes once, and both have had some', async () => {
      const all = produce(EACH, EACH, EACH, EACH);
      const first = workers.letters().replay({ perSecond: 10 });
      await test.clock.advance(1_500);
      const second = workers.letters().replay({ perSecond: 10 });
      const results = await test.done(Promise.all([first, second]));
      expect(copies().sort()).toEqual(all.sort());
      expect(sum(results)).toBe(all.length);
      for (const { replayed } of results) expect(replayed).toBeGreaterThan(EACH);
    });

    it('make room for each other: who has nothing to do leaves, and comes back ever more seldom until all is done', async () => {
      // The second one is given the odd partitions.
      const all = produce(200, 0, 200, 0);
      const replays = [workers, workers].map((group) => group.letters().replay({ perSecond: 20 }));
      const results = await test.done(Promise.all(replays));
      expect(copies().sort()).toEqual(all.sort());
      expect(results.map(({ replayed }) => replayed)).toEqual([all.length, 0]);
      // In 20 s: after a second at the most, then after two, four, eight.
      expect(workers.joins).toBeGreaterThanOrEqual(6);
      expect(workers.joins).toBeLessThanOrEqual(8);
      expect(workers.size).toBe(0);
    });

    it('lose nothing where partitions go to another member before their batch is written, and double nothing', async () => {
      workers.rotates = true;
      const all = produce(EACH, EACH, EACH, EACH);
      const replays = [workers, workers].map((group) => group.letters().replay({ perSecond: 40 }));
      let over = false;
      const done = Promise.all(replays).finally(() => {
        over = true;
      });
      for (let i = 0; !over && i < 20; i++) {
        await test.clock.advance(230);
        void workers.rebalance();
      }
      expect(sum(await test.done(done))).toBe(all.length);
      expect(copies().sort()).toEqual(all.sort());
    });

    it('double nothing where a rebalance comes while the ledger is read, before the first batch', async () => {
      workers.rotates = true;
      const all = produce(EACH, EACH, EACH, EACH);
      const first = workers.letters().replay({ perSecond: 40 });
      await test.clock.advance(50);
      let looks = 0;
      test.cluster.onOffsets = () => {
        // At each look at the ends of the ledger, for a while.
        if (++looks < 12) void workers.rebalance();
      };
      const second = workers.letters().replay({ perSecond: 40 });
      expect(sum(await test.done(Promise.all([first, second])))).toBe(all.length);
      expect(copies().sort()).toEqual(all.sort());
    });

    describe('a rebalance', () => {
      let asked: number;
      let answer: () => void;
      beforeEach(() => {
        asked = 0;
        answer = () => {};
        test.cluster.onPublish = ({ topic }) => {
          if (topic !== TIER || ++asked > 1) return undefined;
          return new Promise<void>((resolve) => {
            answer = resolve;
          });
        };
      });

      /** Whether all have come to rest for the rebalance that begins now. */
      function begin() {
        const state = { rests: false };
        void workers.rebalance(() => {
          state.rests = true;
        });
        return state;
      }

      it('waits for the batch that is under way, and none begins meanwhile', async () => {
        produce(EACH, EACH, 0, 0);
        const replay = workers.letters().replay({ perSecond: 10 });
        await test.clock.advance(1_000);
        const rebalance = begin();
        await test.clock.advance(4_900);
        expect([asked, rebalance.rests]).toEqual([1, false]);
        answer();
        await test.clock.advance(100);
        expect([asked, rebalance.rests]).toEqual([1, true]);
        expect(await test.done(replay)).toMatchObject({ replayed: 2 * EACH });
        expect(copies()).toHaveLength(2 * EACH);
      });

      it('does not wait for longer than 5 s, nor where nothing is under way', async () => {
        produce(EACH, EACH, 0, 0);
        const replay = workers.letters().replay({ perSecond: 10 });
        await test.clock.advance(1_000);
        const rebalance = begin();
        await test.clock.advance(5_000);
        expect(rebalance.rests).toBe(true);
        answer();
        await test.clock.advance(50);
        const another = begin();
        await test.clock.advance(0);
        expect(another.rests).toBe(true);
        await test.done(replay);
        expect(new Set(copies()).size).toBe(2 * EACH);
      });
    });
  },
);
