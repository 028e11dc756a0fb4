import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consumers, text } from './support/consumers.js';
import { kafkaError, type MemoryCluster } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';
import type { VirtualClock } from './support/virtual-clock.js';

const CONCURRENT_TRANSACTIONS = 51;

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;
let transactions: MemoryTransactions;
let seen: (string | null)[];

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
  cluster.create('orders', 3);
  transactions = new MemoryTransactions(cluster, 'by-partition');
  cluster.transactions = transactions;
  for (const partition of [0, 1, 2]) cluster.produce('orders', partition, `record ${partition}`);
  seen = [];
});

afterEach(() => consumers.end());

const start = () =>
  consumers.start(
    { handOff: 'transactional', handler: (record) => void seen.push(text(record)) },
    'positionFailed',
  );

describe('an earlier transaction that cannot end, as a partition that it has written to has no leader', () => {
  it.each([
    { how: 'is refused', onFence: () => Promise.reject(kafkaError(CONCURRENT_TRANSACTIONS)) },
    { how: 'is not answered', onFence: () => new Promise<void>(() => {}) },
  ])('holds up its own partition alone, where its fence $how', async ({ onFence }) => {
    transactions.onFence = (_, [partition]) => (partition?.partition === 1 ? onFence() : undefined);
    const { consumer } = start();
    await clock.advance(10_000);
    expect(seen.sort()).toEqual(['record 0', 'record 2']);
    expect([0, 1, 2].map((partition) => cluster.committedOffset('orders', partition))).toEqual([1, -1, 1]);
    expect(consumer.health().partitions).toHaveLength(3);
  });

  it('is told, and its partition goes on once it has ended', async () => {
    let ends = false;
    transactions.onFence = (_, [partition]) => {
      if (partition?.partition === 1 && !ends) throw kafkaError(CONCURRENT_TRANSACTIONS);
    };
    const { told, consumer } = start();
    await clock.advance(10_000);
    expect(
      new Set(told('positionFailed').flatMap(({ partitions }) => partitions.map((p) => p.partition))),
    ).toEqual(new Set([1]));
    expect(consumer.health().state).toBe('retrying');
    ends = true;
    await clock.advance(10_000);
    expect(seen.sort()).toEqual(['record 0', 'record 1', 'record 2']);
    expect(consumer.health().state).toBe('running');
  });
});

it('partitions that are fenced within a second are asked for together', async () => {
  transactions.onFence = (_, [partition]) =>
    new Promise((resolve) => void clock.schedule((partition?.partition ?? 0) * 300, resolve));
  let asked = 0;
  cluster.onOffsets = () => void asked++;
  start();
  await clock.advance(5_000);
  expect(seen).toHaveLength(3);
  expect(asked).toBe(1);
  expect(transactions.fenced.map((of) => of.length)).toEqual([1, 1, 1]);
});
