import { expect, it } from 'vitest';
import { partitionKey, type TopicPartition } from '../src/binding/record.js';
import { SpringWatch } from '../src/topology/spring-watch.js';
import { kafkaError } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

/** A watch over tiers `a` and `b` of two partitions each, and when it has looked, in ms. */
function watch(tiers = ['a', 'b']) {
  const clock = new VirtualClock();
  const start = clock.now();
  const looks: number[] = [];
  const told: (readonly string[])[] = [];
  const offsets = new Map<string, number>();
  const faults = { counts: 0, positions: 0 };
  const pending: { answer?: Promise<void> } = {};
  const set = (topic: string, partition: number, offset: number) =>
    offsets.set(partitionKey(topic, partition), offset);
  const watched = new SpringWatch({
    tiers: () => tiers,
    partitionCount: async () => {
      if (faults.counts-- > 0) throw kafkaError(5, 'Leader not available');
      return 2;
    },
    positions: async (partitions: readonly TopicPartition[]) => {
      looks.push(clock.now() - start);
      if (faults.positions-- > 0) throw kafkaError(16, 'Not coordinator');
      expect(partitions).toEqual(tiers.flatMap((topic) => [0, 1].map((partition) => ({ topic, partition }))));
      await pending.answer;
      return new Map(offsets);
    },
    onRunning: (running) => told.push(running),
    clock,
  });
  return { watched, clock, looks, told, set, faults, pending };
}

const HOUR = 3_600_000;

it('looks five times, ever more seldom, and then no more', async () => {
  const { watched, clock, looks, told, set } = watch();
  set('a', 0, 5);
  watched.start();
  await clock.advance(3 * HOUR);
  expect(looks).toEqual([0, 10_000, 70_000, 370_000, 2_170_000]);
  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
});

it('asks nobody, and waits for nothing, where Spring would read no tier', async () => {
  const { watched, clock, looks } = watch([]);
  watched.start();
  expect(clock.pending).toBe(0);
  await clock.advance(3 * HOUR);
  expect(looks).toEqual([]);
});

it('tells each tier once whose offsets have moved forward, and looks no more', async () => {
  const { watched, clock, looks, told, set } = watch(['a', 'b', 'c']);
  for (const topic of ['a', 'b', 'c']) for (const partition of [0, 1]) set(topic, partition, 5);
  watched.start();
  await clock.advance(5_000);
  set('a', 0, 6);
  set('a', 1, 9);
  set('c', 1, 6);
  // Set back by hand.
  set('b', 0, 4);
  await clock.advance(HOUR);
  expect(told).toEqual([['a', 'c']]);
  expect(looks).toEqual([0, 10_000]);
  expect(clock.pending).toBe(0);
});

it('takes an offset that was not there before for no move, nor one that is not there any more', async () => {
  const { watched, clock, told, set } = watch();
  set('a', 0, 5);
  watched.start();
  await clock.advance(5_000);
  set('b', 1, 7);
  await clock.advance(20_000);
  expect(told).toEqual([]);
  set('b', 1, 8);
  await clock.advance(60_000);
  expect(told).toEqual([['b']]);
});

it('looks again later where brokers do not tell', async () => {
  const { watched, clock, looks, told, set, faults } = watch();
  set('a', 0, 5);
  faults.counts = 1;
  faults.positions = 1;
  watched.start();
  await clock.advance(80_000);
  expect(looks).toEqual([10_000, 70_000]);
  set('a', 0, 6);
  await clock.advance(HOUR);
  expect(told).toEqual([['a']]);
});

it.each([0, 5_000])('says and asks nothing more once it is closed, after %i ms', async (after) => {
  const { watched, clock, looks, told, set } = watch();
  set('a', 0, 5);
  watched.start();
  if (after > 0) await clock.advance(after);
  set('a', 0, 6);
  watched.close();
  expect(clock.pending).toBe(0);
  const before = looks.length;
  await clock.advance(HOUR);
  expect([looks.length, told]).toEqual([before, []]);
});

it('says nothing of a look that ends after it was closed', async () => {
  const { watched, clock, told, set, pending } = watch();
  set('a', 0, 5);
  watched.start();
  await clock.advance(5_000);
  set('a', 0, 6);
  let answer = () => {};
  pending.answer = new Promise((resolve) => {
    answer = resolve;
  });
  await clock.advance(10_000);
  watched.close();
  answer();
  await clock.advance(HOUR);
  expect(told).toEqual([]);
});
