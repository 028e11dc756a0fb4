import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../src/binding/record.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { planConsumer } from '../src/plan/plan.js';
import { Consumers, text } from './support/consumers.js';
import { kafkaError, type MemoryMember } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';

const FIRST = 'orders-billing-retry-1s';
const LAST = 'orders-billing-retry-5s';

let consumers: Consumers;
beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders');
});
afterEach(() => consumers.end());

/** A consumer that has tried what `tried` says, by value; `fails` tells how often each fails, or that it fails for good. */
async function running(
  fails: Readonly<Record<string, number | 'for good'>>,
  config: Partial<ConsumerConfig> = {},
) {
  const tried: string[] = [];
  const test = consumers.start(
    {
      concurrency: 4,
      retry: { keepKeyOrder: true, tiers: ['1s', '5s'], inPlace: { maxAttempts: 1 } },
      handler: (record) => {
        const value = text(record) as string;
        tried.push(value);
        const fate = fails[value] ?? 0;
        if (fate === 'for good') throw new PermanentError(value);
        if (tried.filter((one) => one === value).length <= fate) throw new Error(value);
      },
      ...config,
    },
    'followed',
    'scattered',
    'deadLetter',
    'positionFailed',
    'publishRefused',
    'retry',
    'dead',
  );
  await consumers.clock.advance(100);
  return { ...test, tried };
}

/** A key and a number each. */
function produce(values: string): void {
  for (const value of values.split(' '))
    consumers.cluster.produce('orders', 0, {
      key: Buffer.from(value[0] as string),
      value: Buffer.from(value),
    });
}

describe('with keepKeyOrder', () => {
  it('records of a key that waits in a tier join it untried, and go on with it', async () => {
    const { cluster, clock } = consumers;
    const { tried, told, consumer } = await running({ a1: 2 });
    produce('a1 b1 a2 a3');
    await clock.advance(500);
    expect(tried).toEqual(['a1', 'b1']);
    expect(cluster.values(FIRST)).toEqual(['a1', 'a2', 'a3']);
    expect(cluster.committedOffset('orders')).toBe(4);
    expect(
      told('followed').map(({ waiting, nextTier, totalAttempts }) => [waiting, nextTier, totalAttempts]),
    ).toEqual([
      [2, 1, 0],
      [3, 1, 0],
    ]);
    expect(consumer.health()).toMatchObject({ waitingKeys: 1, followers: 2 });
    const headers = new Map(cluster.log(FIRST)[1]?.headers.map(([name, value]) => [name, String(value)]));
    expect(Object.fromEntries(headers)).toMatchObject({
      'velo-follower': '1',
      'velo-attempt': '0',
      'velo-original-offset': '2',
    });
    await clock.advance(1_000);
    expect(cluster.values(LAST)).toEqual(['a1', 'a2', 'a3']);
    await clock.advance(6_000);
    expect(tried).toEqual(['a1', 'b1', 'a1', 'a1', 'a2', 'a3']);
    expect(consumer.health()).toMatchObject({ waitingKeys: 0, followers: 0 });
  });

  it('a record that came untried into the last tier has its attempts there, a wait, and its attempts again', async () => {
    const { clock } = consumers;
    const { tried, told } = await running({ a1: 2, a2: 9 });
    produce('a1 a2 a3');
    await clock.advance(6_500);
    expect(tried).toEqual(['a1', 'a1', 'a1', 'a2']);
    expect(told('retry').map(({ delay }) => delay)).toEqual([5_000]);
    await clock.advance(5_000);
    expect(tried).toEqual(['a1', 'a1', 'a1', 'a2', 'a2', 'a3']);
    expect(told('deadLetter')).toMatchObject([{ reason: 'exhausted', totalAttempts: 2 }]);
  });

  it('a batch holds one record of each key, also where no order is named', async () => {
    const { clock } = consumers;
    const batches: (string | null)[][] = [];
    await running(
      {},
      {
        handler: undefined as never,
        concurrency: undefined,
        batch: { handler: async (records) => void batches.push(records.map(text)) },
      },
    );
    produce('a1 b1');
    consumers.cluster.produce(
      'orders',
      0,
      ...['c1', 'a2', 'c2', 'd1'].map((value) => ({
        key: Buffer.from(value[0] as string),
        value: Buffer.from(value),
      })),
    );
    await clock.advance(500);
    for (const batch of batches) {
      const keys = batch.map((value) => value?.[0]);
      expect(new Set(keys).size).toBe(keys.length);
    }
    expect(batches.flat().sort()).toEqual(['a1', 'a2', 'b1', 'c1', 'c2', 'd1']);
    expect(batches.some((batch) => batch.length > 1)).toBe(true);
  });

  it('those of a record that is given up at once are tried when its copy is acknowledged, not before', async () => {
    const { cluster, clock } = consumers;
    let acknowledge = () => {};
    cluster.onPublish = () => new Promise<void>((resolve) => (acknowledge = resolve));
    const { tried } = await running({ a1: 'for good' });
    produce('a1 a2 b1');
    await clock.advance(500);
    expect(tried).toEqual(['a1', 'b1']);
    acknowledge();
    await clock.advance(500);
    expect(tried).toEqual(['a1', 'b1', 'a2']);
  });

  it('a follower that its tier refuses for good goes to the dead letters', async () => {
    const { cluster, clock } = consumers;
    cluster.onPublish = ({ topic, value }) =>
      topic === FIRST && String(value) === 'a2' ? kafkaError(10) : undefined;
    const { tried, told } = await running({ a1: 1 });
    produce('a1 a2 a3');
    await clock.advance(3_000);
    expect(told('deadLetter').map(({ record, reason }) => [text(record), reason])).toEqual([
      ['a2', 'refused'],
    ]);
    expect(tried).toEqual(['a1', 'a1', 'a3']);
  });

  it('nothing is handled of a source without its tiers, until they are together', async () => {
    const { cluster, clock, warnings } = consumers;
    const { tried, told, consumer } = await running({});
    const member = cluster.members.at(-1);
    member?.assign([{ topic: 'orders', partition: 0 }]);
    await clock.advance(100);
    produce('a1');
    await clock.advance(60_000);
    expect(tried).toEqual([]);
    expect(consumer.health()).toMatchObject({
      state: 'retrying',
      scattered: [{ topic: 'orders', partition: 0 }],
    });
    expect(told('scattered')).toMatchObject([{ partitions: [{ topic: 'orders', partition: 0 }] }]);
    expect(warnings.at(-1)).toMatch(/Nothing is lost.*must use keepKeyOrder/);
    member?.assignAll();
    await clock.advance(100);
    expect(tried).toEqual(['a1']);
    expect(told('scattered').at(-1)).toMatchObject({ partitions: [] });
    expect(consumer.health()).toMatchObject({ state: 'running', scattered: [] });
  });

  it('a tier whose end nobody can tell holds its source up, and somebody is told', async () => {
    const { cluster, clock } = consumers;
    for (const topic of [FIRST, LAST]) cluster.create(topic);
    let asked = 0;
    // Positions are known, then the leader is gone.
    cluster.onOffsets = () => {
      if (++asked > 1 && asked < 6) throw kafkaError(5, 'Leader not available');
    };
    const { tried, told } = await running({});
    produce('a1');
    await clock.advance(60_000);
    expect(told('positionFailed').length).toBeGreaterThan(0);
    expect(tried).toEqual(['a1']);
  });

  it('tiers that were taken out of the configuration keep their place', async () => {
    const { cluster, clock } = consumers;
    const first = await running({ a1: 9 });
    produce('a1 a2');
    await clock.advance(2_000);
    expect([cluster.values(FIRST), cluster.values(LAST)]).toEqual([
      ['a1', 'a2'],
      ['a1', 'a2'],
    ]);
    void first.consumer.stop();
    await clock.advance(1_000);
    produce('b1 a3 a4');
    // One tier between the two that are there, and are drained.
    const { tried } = await running(
      { a1: 1, a2: 1, a3: 1 },
      { retry: { keepKeyOrder: true, tiers: ['2s'], inPlace: { maxAttempts: 1 } } },
    );
    await clock.advance(60_000);
    expect(tried.filter((value) => value.startsWith('a'))).toEqual(['a1', 'a2', 'a2', 'a3', 'a3', 'a4']);
    expect(tried[0]).toBe('b1');
  });

  it('what waits in its tiers from before it was switched on goes one after the other', async () => {
    const { clock } = consumers;
    const first = await running(
      { a1: 9, a2: 9 },
      { retry: { tiers: ['1s', '5s'], inPlace: { maxAttempts: 1 } } },
    );
    produce('a1 a2 a3');
    await clock.advance(100);
    expect(first.tried).toEqual(['a1', 'a2', 'a3']);
    void first.consumer.stop();
    await clock.advance(100);
    produce('a4');
    const { tried } = await running({});
    await clock.advance(10_000);
    expect(tried).toEqual(['a1', 'a2', 'a4']);
  });

  it.each([
    { partitions: 3, of: 'more', remedy: /Let orders grow, or, once/ },
    { partitions: 1, of: 'fewer', remedy: /kafka-topics.sh .*--partitions 2/ },
  ])('a tier of $of partitions than its source is refused at the start', async ({ partitions, remedy }) => {
    const { cluster, clock } = consumers;
    for (const topic of ['orders', LAST, 'orders-billing-dlt']) cluster.create(topic, 2);
    cluster.create(FIRST, partitions);
    const { joined } = await running({}, { topology: { create: 'never' } });
    await clock.advance(1_000);
    await expect(joined).rejects.toMatchObject({ code: 'VELO_TOPOLOGY' });
    await expect(joined).rejects.toThrow(remedy);
    await expect(joined).rejects.toThrow(/Nothing is lost/);
  });

  it.each([
    [{ retry: { keepKeyOrder: true } }, /^retry\.keepKeyOrder is true.*without retry\.tiers/],
    [{ retry: { keepKeyOrder: 1 as never, tiers: ['1s'] } }, /^retry\.keepKeyOrder is 1.*true or false/],
    [
      { order: 'none', retry: { keepKeyOrder: true, tiers: ['1s'] } },
      /^retry\.keepKeyOrder is true.*beside order 'none'/,
    ],
    [{ retry: { keepKeyOrder: true, tiers: ['1s'], headers: 'spring' } }, /^retry\.headers is "spring"/],
    [
      { retry: { keepKeyOrder: true, tiers: ['1s'], naming: 'spring-index' } },
      /^retry\.naming is "spring-index"/,
    ],
    [
      { order: 'partition', batch: { handler: () => {} }, retry: { keepKeyOrder: true, tiers: ['1s'] } },
      /^order is "partition".*one record of each key/,
    ],
  ] as [Partial<ConsumerConfig>, RegExp][])('refuses %j', (config, message) => {
    const handler = config.batch === undefined ? () => {} : undefined;
    expect(() => planConsumer({ groupId: 'g', topics: ['orders'], handler, ...config }, 0)).toThrow(message);
  });

  it.each(['concurrency', 'batches'])(
    'a copy that another member has made needless holds up nobody of its key: %s',
    async (form) => {
      const { cluster, clock } = consumers;
      cluster.transactions = new MemoryTransactions(cluster, 'by-member');
      const tried: string[] = [];
      const handle = (value: string | null) => {
        tried.push(value as string);
        if (value === 'a1') throw new Error('a1');
        // Copies go in the order of offsets: that of a1 waits for b1.
        return value === 'b1' ? new Promise<void>(() => {}) : undefined;
      };
      const retry = { keepKeyOrder: true, tiers: ['1s'], inPlace: { maxAttempts: 1 } } as const;
      const { consumer } = await running(
        {},
        form === 'batches'
          ? {
              handler: undefined as never,
              handOff: 'transactional',
              retry,
              concurrency: 4,
              batch: {
                maxRecords: 1,
                handler: async ([record]) => void (await handle(text(record as KafkaRecord))),
              },
            }
          : { handOff: 'transactional', retry, handler: (record) => handle(text(record)) },
      );
      produce('b1 a1 a2 a3');
      await clock.advance(500);
      expect(tried).toEqual(['b1', 'a1']);
      expect(cluster.values(FIRST)).toEqual([]);
      const member = cluster.members.at(-1) as MemoryMember;
      member.sink.lost();
      cluster.committed.set('orders 0', { offset: 2, metadata: '' });
      member.assignAll();
      await clock.advance(3_000);
      expect(tried).toEqual(['b1', 'a1', 'a2', 'a3']);
      expect(cluster.committedOffset('orders')).toBe(4);
      expect(consumer.health()).toMatchObject({ waitingKeys: 0, followers: 0 });
    },
  );
});
