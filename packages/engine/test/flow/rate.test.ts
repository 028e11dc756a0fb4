import { fixed, PermanentError } from '@velo/retry-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rate } from '../../src/flow/rate.js';
import type { ConsumerConfig } from '../../src/plan/config.js';
import { Consumers } from '../support/consumers.js';

describe('a rate', () => {
  it('lets no more start in any stretch of time than it allows, and as many if they ask', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 5_000, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(500), { maxLength: 200 }),
        (perSecond, burst, steps) => {
          const rate = new Rate({ perSecond, burst });
          const starts: number[] = [];
          let now = 1_000;
          for (const step of steps) {
            now += step;
            while (rate.wait(now) === 0) {
              rate.take(1, now);
              starts.push(now);
            }
            expect(rate.available(now)).toBe(0);
            expect(rate.wait(now)).toBeGreaterThan(0);
            // As told, and no later than one interval and the clock's millisecond.
            expect(rate.wait(now)).toBeLessThanOrEqual(1_000 / perSecond + 2);
          }
          for (const [i, from] of starts.entries())
            for (const [j, to] of starts.entries())
              if (j >= i)
                expect(j - i + 1).toBeLessThanOrEqual(burst + ((to - from) * perSecond) / 1_000 + 1e-3);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('that was passed by a batch is paid for by those after it', () => {
    const rate = new Rate({ perSecond: 10, burst: 1 });
    rate.take(5, 0);
    expect(rate.wait(0)).toBe(500);
    expect(rate.available(500)).toBe(1);
  });
});

describe('a consumer with a rate', () => {
  let consumers: Consumers;
  beforeEach(() => {
    consumers = new Consumers();
  });
  afterEach(() => consumers.end());

  const forms: [string, Partial<ConsumerConfig>, number][] = [
    ['one record at a time', {}, 1],
    ['in many partitions', {}, 8],
    ['side by side', { concurrency: 10, order: 'none' }, 2],
    ['limited in all', { concurrency: { perPartition: 4, perConsumer: 2 }, order: 'none' }, 4],
  ];
  it.each(forms)('%s: starts evenly, and as many as it may', async (_, config, partitions) => {
    const { cluster, clock } = consumers;
    cluster.create('orders', partitions);
    const starts: number[] = [];
    const { consumer, told } = consumers.start(
      {
        ...config,
        handler: async () => void starts.push(clock.now()),
        flow: { rate: { perSecond: 50, burst: 5 } },
      },
      'held',
      'released',
    );
    await clock.advance(1_000);
    for (let partition = 0; partition < partitions; partition++)
      cluster.produce('orders', partition, ...Array.from({ length: 600 / partitions }, (_, i) => String(i)));
    const begin = clock.now();
    await clock.advance(10_000);
    expect(starts.length).toBeGreaterThanOrEqual(500);
    expect(starts.length).toBeLessThanOrEqual(506);
    for (let from = begin; from < begin + 10_000; from += 100)
      expect(starts.filter((at) => at >= from && at < from + 100).length).toBeLessThanOrEqual(5 + 5);
    expect(consumer.health()).toMatchObject({
      state: 'running',
      held: [{ topic: 'orders', reason: 'rate' }],
    });
    await clock.advance(10_000);
    expect(starts).toHaveLength(600);
    expect(consumer.health().held).toEqual([]);
    expect([told('held').length, told('released').length]).toEqual([1, 1]);
    for (let partition = 0; partition < partitions; partition++)
      expect(cluster.committedOffset('orders', partition)).toBe(600 / partitions);
  });

  it('counts attempts in place and those of tiers, and the records of a batch', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, ...Array.from({ length: 100 }, (_, i) => String(i)));
    let calls = 0;
    consumers.start({
      retry: { inPlace: { maxAttempts: 2, strategy: fixed(1) }, tiers: ['1s'] },
      handler: () => {
        calls++;
        throw new Error('down');
      },
      flow: { rate: { perSecond: 10 } },
    });
    await clock.advance(10_000);
    expect(calls).toBeGreaterThanOrEqual(99);
    expect(calls).toBeLessThanOrEqual(102);
  });

  it('counts the records of a batch', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, ...Array.from({ length: 100 }, (_, i) => String(i)));
    let handled = 0;
    consumers.start({
      handler: undefined as never,
      batch: {
        maxRecords: 10,
        handler: (records) => {
          handled += records.length;
        },
      },
      flow: { rate: { perSecond: 10 } },
    });
    await clock.advance(4_950);
    expect(handled).toBeGreaterThanOrEqual(50);
    expect(handled).toBeLessThanOrEqual(60);
    await clock.advance(10_000);
    expect(handled).toBe(100);
  });

  it('may be paused besides, and stopped', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders', 4);
    for (let partition = 0; partition < 4; partition++) cluster.produce('orders', partition, 'a', 'b', 'c');
    let calls = 0;
    const { consumer } = consumers.start({ handler: () => void calls++, flow: { rate: { perSecond: 1 } } });
    await clock.advance(2_500);
    const before = calls;
    consumer.pause();
    await clock.advance(10_000);
    expect(calls).toBe(before);
    consumer.resume();
    await clock.advance(2_500);
    expect(calls).toBeGreaterThan(before);
    const stopped = consumer.stop();
    await clock.advance(10);
    await stopped;
    expect(clock.pending).toBe(0);
  });
});

describe('a retry budget', () => {
  let consumers: Consumers;
  beforeEach(() => {
    consumers = new Consumers();
  });
  afterEach(() => consumers.end());

  const setUp = (config: Partial<ConsumerConfig>) => {
    const { cluster } = consumers;
    cluster.create('orders', 4);
    for (let partition = 0; partition < 4; partition++)
      cluster.produce('orders', partition, ...Array.from({ length: 50 }, (_, i) => String(i)));
    const attempts: number[] = [];
    consumers.start({
      handler: (_, { attempt }) => {
        attempts.push(attempt);
        throw new Error('down');
      },
      retry: { inPlace: { maxAttempts: 3, strategy: fixed(10) } },
      flow: { retryBudget: { minPerSecond: 1, capacity: 10 }, guard: false },
      ...config,
    });
    return { attempts, retries: () => attempts.filter((attempt) => attempt > 1).length };
  };

  it('that is spent sends records to their next tier, without a wait', async () => {
    const { attempts, retries } = setUp({
      retry: { inPlace: { maxAttempts: 3, strategy: fixed(10) }, tiers: ['1h'] },
    });
    await consumers.clock.advance(5_000);
    expect(attempts.length - retries()).toBe(200);
    expect(retries()).toBeLessThanOrEqual(15);
    expect(consumers.cluster.values('orders-billing-retry-1h', 0)).toHaveLength(50);
  });

  it('is not charged for what goes to a tier or the dead letters at once', async () => {
    let down = false;
    const attempts: number[] = [];
    consumers.cluster.create('orders', 1);
    const poison = Array.from({ length: 30 }, (_, i) => `poison ${i}`);
    consumers.cluster.produce('orders', 0, ...poison);
    consumers.start({
      handler: ({ value }, { attempt }) => {
        if (String(value).startsWith('poison')) throw new PermanentError('never');
        attempts.push(attempt);
        if (down) throw new Error('down');
      },
      retry: { inPlace: { maxAttempts: 11, strategy: fixed(1) }, tiers: ['1h'] },
      flow: { retryBudget: { minPerSecond: 0.01, capacity: 10 }, guard: false },
    });
    await consumers.clock.advance(1_000);
    expect(consumers.cluster.values('orders-billing-dlt', 0)).toHaveLength(30);
    down = true;
    consumers.cluster.produce('orders', 0, 'a');
    await consumers.clock.advance(1_000);
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('that is spent makes a record without a tier wait, and none is lost', async () => {
    const { attempts, retries } = setUp({});
    await consumers.clock.advance(20_000);
    expect(retries()).toBeGreaterThanOrEqual(28);
    expect(retries()).toBeLessThanOrEqual(31);
    await consumers.clock.advance(400_000);
    expect(attempts).toHaveLength(600);
  });
});
