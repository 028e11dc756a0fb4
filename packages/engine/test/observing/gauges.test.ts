import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObservedConsumer } from '../../src/observing/observer.js';
import type { ConsumerConfig } from '../../src/plan/config.js';
import { Consumers } from '../support/consumers.js';

let consumers: Consumers;
let observed: ObservedConsumer;
/** Handlers that are `held` end when it is open. */
let gate: { open(): void; readonly opened: Promise<void> };

beforeEach(() => {
  consumers = new Consumers();
  consumers.observers = [
    {
      consumer: (consumer) => {
        observed = consumer;
        return undefined;
      },
    },
    { consumer: () => ({}) },
  ];
  consumers.cluster.create('orders', 2);
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  gate = { open, opened };
});
afterEach(() => {
  gate.open();
  return consumers.end();
});

const held = () => gate.opened;

async function started(config: Partial<ConsumerConfig> = {}) {
  const one = consumers.start(config, 'retry');
  await consumers.clock.advance(0);
  await one.joined;
  return one;
}

async function lag(): Promise<Record<string, number>> {
  const reading = observed.lag();
  await consumers.clock.advance(0);
  return Object.fromEntries(
    (await reading).map(({ topic, partition, records }) => [`${topic}/${partition}`, records]),
  );
}

describe('what is at hand in a consumer', () => {
  it('is its buffers, with what is being handled among them', async () => {
    consumers.cluster.produce('orders', 0, 'a', 'bb', 'ccc');
    await started({ handler: held });
    const { health, buffers } = observed.gauges();
    expect(health.partitions.map(({ handlers }) => handlers)).toEqual([1, 0]);
    expect(buffers.map(({ topic, partition, records }) => [topic, partition, records])).toEqual([
      ['orders', 0, 3],
      ['orders', 1, 0],
    ]);
    expect(buffers[0]?.bytes).toBeGreaterThan(6);
    expect(buffers[1]?.bytes).toBe(0);
    gate.open();
    await consumers.clock.advance(1_000);
    expect(observed.gauges().buffers.map(({ records, bytes }) => [records, bytes])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('is the budget and the circuit of each source that has one', async () => {
    consumers.cluster.create('payments');
    consumers.cluster.produce('orders', 0, 'a');
    await started({
      topics: {
        orders: {
          flow: { retryBudget: { ratio: 0, minPerSecond: 0.001, capacity: 2 }, breaker: { minAttempts: 2 } },
        },
        payments: {},
      },
      retry: { inPlace: { maxAttempts: 9 } },
      handler: () => {
        throw new Error('down');
      },
    });
    expect(observed.gauges().sources).toEqual([
      { topic: 'orders', retryBudget: 1, breaker: 'closed' },
      { topic: 'payments', retryBudget: undefined, breaker: undefined },
    ]);
    await consumers.clock.advance(1_000);
    expect(observed.gauges().sources[0]).toMatchObject({ breaker: 'open' });
  });

  it('is when a broker last answered', async () => {
    await started();
    expect(observed.gauges().sinceContact).toBe(0);
  });

  it('says of each topic which source it belongs to, and which of its tiers it is', async () => {
    await started({ retry: { tiers: ['5s', '1m'] } });
    expect(observed.placeOf('orders')).toEqual({ source: 'orders', tier: 0 });
    expect(observed.placeOf('orders-billing-retry-1m')).toEqual({ source: 'orders', tier: 2 });
    expect(observed.placeOf('others')).toEqual({ source: 'others', tier: 0 });
  });
});

describe('the lag', () => {
  it('is what was not handled, of tiers too', async () => {
    consumers.cluster.produce('orders', 0, 'a', 'b', 'c');
    consumers.cluster.produce('orders', 1, 'fails');
    await started({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['1h'] },
      handler: (record) => {
        if (record.value?.toString() === 'fails') throw new Error('no luck');
        return held();
      },
    });
    await consumers.clock.advance(1_000);
    expect(await lag()).toEqual({
      'orders/0': 3,
      'orders/1': 0,
      'orders-billing-retry-1h/0': 0,
      'orders-billing-retry-1h/1': 1,
    });
    gate.open();
    await consumers.clock.advance(10_000);
    expect(await lag()).toMatchObject({ 'orders/0': 0, 'orders-billing-retry-1h/1': 1 });
  });

  it('counts what is not fetched yet', async () => {
    consumers.cluster.mostAtOnce = 10;
    await started({ handler: held, buffer: { records: 20 } });
    consumers.cluster.produce('orders', 0, ...Array.from({ length: 100 }, (_, i) => String(i)));
    await consumers.clock.advance(0);
    expect(observed.gauges().buffers[0]?.records).toBeLessThan(100);
    expect(await lag()).toMatchObject({ 'orders/0': 100 });
  });

  it('is 0 behind the markers and the aborted records that a transaction leaves at the end, though they are offsets', async () => {
    consumers.cluster.produce(
      'orders',
      0,
      { value: Buffer.from('a'), transaction: { state: 'committed' } },
      { transaction: { state: 'marker' } },
      { value: Buffer.from('b'), transaction: { state: 'aborted' } },
      { transaction: { state: 'marker' } },
    );
    const { consumer } = await started();
    await consumers.clock.advance(1_000);
    expect(consumer.health().partitions[0]?.committed).toBe(1);
    expect(await lag()).toEqual({ 'orders/0': 0, 'orders/1': 0 });
  });

  it('counts nothing of what lies before the beginning of a group that starts at the latest', async () => {
    consumers.cluster.produce('orders', 0, 'a', 'b');
    await started({ startFrom: 'latest' });
    expect(await lag()).toEqual({ 'orders/0': 0, 'orders/1': 0 });
  });

  it('is told of no partition before the start, nor after the end', async () => {
    const consumer = consumers.create();
    expect(await lag()).toEqual({});
    const starting = consumer.start();
    await consumers.clock.advance(0);
    await starting;
    expect(await lag()).toEqual({ 'orders/0': 0, 'orders/1': 0 });
    const stopping = consumer.stop();
    await consumers.clock.advance(10_000);
    await stopping;
    expect(await lag()).toEqual({});
    expect(observed.gauges()).toMatchObject({ buffers: [], health: { state: 'stopped' } });
  });
});
