import { RetriableError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../../src/plan/config.js';
import type { Velo } from '../../src/velo.js';
import { Consumers, text } from '../support/consumers.js';

/** What `velo.metrics` counts: each attempt once, and nothing else. */
let consumers: Consumers;
let velo: Velo;
let calls: number;
beforeEach(() => {
  consumers = new Consumers();
  velo = consumers.velo();
  calls = 0;
});
afterEach(() => consumers.end());

async function run(config: Partial<ConsumerConfig>, time: number, ...values: string[]) {
  const { cluster, clock } = consumers;
  cluster.create('orders');
  cluster.produce('orders', 0, ...values);
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    startFrom: 'earliest',
    handler: () => void calls++,
    ...config,
  } as ConsumerConfig);
  const joined = consumer.start();
  await clock.advance(time);
  await joined;
  return consumer;
}

const endless = () => {
  calls++;
  return new Promise(() => {});
};

describe('a handler that runs too long', () => {
  it('counts as a timeout, and as no error of any category', async () => {
    await run({ handlerTimeout: '1s', handler: endless }, 20_000, 'a');
    expect(calls).toBe(3);
    expect(velo.metrics.snapshot()).toEqual({
      attemptsTotal: 3,
      successesTotal: 0,
      timeoutsTotal: 3,
      errorsByCategory: {
        TopicMissing: 0,
        NetworkIssue: 0,
        AuthenticationIssue: 0,
        ConfigurationIssue: 0,
        Unknown: 0,
      },
      successRate: 0,
      timeoutRate: 1,
      averageAttempts: expect.any(Number),
    });
  });

  it('counts as a timeout for the one record of a batch that is at fault', async () => {
    const handler = (messages: readonly unknown[]) =>
      messages.some((message) => text(message as never) === 'bad') ? endless() : undefined;
    await run(
      { handler: undefined, batch: { handler, maxWait: 10 }, handlerTimeout: '1s' } as never,
      30_000,
      'a',
      'bad',
    );
    expect(velo.metrics.snapshot()).toMatchObject({ successesTotal: 1, timeoutsTotal: 3, attemptsTotal: 4 });
  });

  it('is a trouble of the network to events and in headers, as a timeout of a retrier is', async () => {
    const seen: unknown[] = [];
    const consumer = await run({ handlerTimeout: '1s', handler: endless }, 100, 'a');
    consumer.on('deadLetter', ({ category }) => seen.push(category));
    await consumers.clock.advance(20_000);
    const [copy] = consumers.cluster.log('orders-billing-dlt');
    expect(seen).toEqual(['NetworkIssue']);
    expect(copy?.headers.find(([name]) => name === 'velo-error-category')?.[1]?.toString()).toBe(
      'NetworkIssue',
    );
  });
});

describe('what is no attempt', () => {
  const counted = () => velo.metrics.snapshot();

  it('a wait in place, in a tier, and through several passes counts as nothing', async () => {
    let last = 0;
    const handler = () => {
      calls++;
      if (++last === 1) throw new Error('once more');
      if (last === 2) throw new RetriableError('later', { after: '40s' });
    };
    const retry = { inPlace: { maxAttempts: 1 }, tiers: ['5s', '10s'] } as const;
    const consumer = await run({ handler, retry }, 2_000, 'a');
    let deferred = 0;
    consumer.on('deferred', () => deferred++);
    expect(counted()).toMatchObject({ attemptsTotal: 1, errorsByCategory: { Unknown: 1 } });
    await consumers.clock.advance(120_000);
    expect(deferred).toBeGreaterThan(0);
    expect(calls).toBe(3);
    expect(counted()).toMatchObject({
      attemptsTotal: 3,
      successesTotal: 1,
      timeoutsTotal: 0,
      errorsByCategory: { Unknown: 2 },
    });
  });

  it.each([
    { what: 'a pause', config: {}, hold: true },
    { what: 'a rate', config: { flow: { rate: { perSecond: 1, burst: 1 } } }, hold: false },
  ])('a hold by $what counts as nothing', async ({ config, hold }) => {
    const { clock } = consumers;
    const consumer = await run({ ...config, handlerTimeout: '2s' }, 1_000);
    if (hold) consumer.pause();
    consumers.cluster.produce('orders', 0, 'a', 'b', 'c');
    await clock.advance(hold ? 60_000 : 1_500);
    expect(consumer.health().held).toHaveLength(1);
    expect(calls).toBeLessThan(3);
    expect(counted()).toMatchObject({ attemptsTotal: calls, successesTotal: calls, timeoutsTotal: 0 });
    if (hold) consumer.resume();
    await clock.advance(10_000);
    expect(counted()).toMatchObject({
      attemptsTotal: 3,
      successesTotal: 3,
      timeoutsTotal: 0,
      successRate: 1,
    });
  });

  it('a hold by the breaker counts its trials, and nothing while it waits', async () => {
    let isDown = true;
    const handler = () => {
      calls++;
      if (isDown) throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
    };
    const breaker = { minAttempts: 2, failureShare: 0.5, window: '10s', openFor: '60s' } as const;
    const consumer = await run({ handler, flow: { breaker, guard: false } }, 5_000, 'a', 'b', 'c');
    expect(consumer.health().held).toMatchObject([{ reason: 'breaker' }]);
    const before = counted().attemptsTotal;
    await consumers.clock.advance(30_000);
    expect(counted().attemptsTotal).toBe(before);
    isDown = false;
    await consumers.clock.advance(60_000);
    expect(counted()).toMatchObject({
      attemptsTotal: calls,
      successesTotal: 3,
      errorsByCategory: { NetworkIssue: before },
    });
  });

  it('a wait for a topic counts as nothing', async () => {
    const { cluster, clock } = consumers;
    const consumer = velo.consumer({
      groupId: 'billing',
      topics: ['orders'],
      startFrom: 'earliest',
      waitForTopics: '60s',
      handler: () => void calls++,
    });
    const joined = consumer.start();
    await clock.advance(10_000);
    cluster.create('orders');
    cluster.produce('orders', 0, 'a');
    await clock.advance(30_000);
    await joined;
    expect(calls).toBe(1);
    expect(counted()).toMatchObject({ attemptsTotal: 1, successesTotal: 1 });
  });
});
