import { fixed } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../../src/plan/config.js';
import { Consumers, text } from '../support/consumers.js';
import { gate } from '../support/lane-in-test.js';

let consumers: Consumers;
beforeEach(() => {
  consumers = new Consumers();
});
afterEach(() => consumers.end());

const seen = () => {
  const values: (string | null)[] = [];
  return { values, handler: ((record) => void values.push(text(record))) as ConsumerConfig['handler'] };
};

describe('pause() and resume()', () => {
  it('hold a source before the start, and let it go on', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b');
    const { values, handler } = seen();
    const consumer = consumers.create({ handler });
    consumer.pause(['orders']);
    expect(consumer.health()).toMatchObject({
      state: 'starting',
      held: [{ topic: 'orders', reason: 'user', since: clock.wallTime() }],
    });
    await consumer.start();
    await clock.advance(60_000);
    expect(values).toEqual([]);
    expect(consumer.health()).toMatchObject({ state: 'paused', partitions: [{ queued: 2, paused: false }] });

    consumer.resume(['orders']);
    await clock.advance(1_000);
    expect(values).toEqual(['a', 'b']);
    expect(cluster.committedOffset('orders')).toBe(2);
    expect(consumer.health()).toMatchObject({ state: 'running', held: [] });
  });

  it.each<[string, Partial<ConsumerConfig>]>([
    ['one at a time', {}],
    ['side by side', { concurrency: 4, order: 'none' }],
    ['limited in all', { concurrency: { perPartition: 4, perConsumer: 2 } }],
  ])('let handlers that run finish, %s, and commit what they did', async (_, config) => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, ...Array.from({ length: 9 }, (_, i) => ({ key: Buffer.from(String(i)) })));
    const { calls, handler } = gate();
    const { consumer } = consumers.start({ ...config, handler });
    await clock.advance(100);
    const running = calls.length;
    consumer.pause();
    for (const call of calls) call.pass();
    await clock.advance(1_000);
    expect(calls).toHaveLength(running);
    expect(cluster.committedOffset('orders')).toBe(running);

    consumer.resume();
    for (let i = 0; i < 9; i++) {
      await clock.advance(10);
      for (const call of calls) call.pass();
    }
    await clock.advance(1_000);
    expect(calls).toHaveLength(9);
    expect(cluster.committedOffset('orders')).toBe(9);
  });

  it('hold attempts that wait in place, records of tiers and batches too', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'a');
    const attempts: string[] = [];
    const { consumer } = consumers.start({
      retry: { inPlace: { maxAttempts: 2, strategy: fixed(100) }, tiers: ['1s'] },
      handler: (_, { tier, attempt }) => {
        attempts.push(`${tier} ${attempt}`);
        throw new Error('down');
      },
    });
    await clock.advance(50);
    consumer.pause();
    await clock.advance(60_000);
    expect(attempts).toEqual(['0 1']);
    consumer.resume();
    await clock.advance(50);
    expect(attempts).toEqual(['0 1', '0 2']);
    consumer.pause();
    await clock.advance(60_000);
    expect(attempts).toEqual(['0 1', '0 2']);
    consumer.resume();
    await clock.advance(1_000);
    expect(attempts).toEqual(['0 1', '0 2', '1 1', '1 2']);
  });

  it('hold batches', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const sizes: number[] = [];
    const { consumer } = consumers.start({
      handler: undefined as never,
      batch: { maxRecords: 3, handler: (records) => void sizes.push(records.length) },
    });
    await clock.advance(100);
    consumer.pause();
    cluster.produce('orders', 0, 'a', 'b', 'c', 'd');
    await clock.advance(10_000);
    expect(sizes).toEqual([]);
    consumer.resume();
    await clock.advance(100);
    expect(sizes).toEqual([3, 1]);
  });

  it('hold over a rebalance, and over a crash of the client', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders', 2);
    const { values, handler } = seen();
    const { consumer } = consumers.start({ handler });
    await clock.advance(100);
    consumer.pause();
    cluster.produce('orders', 0, 'a');
    cluster.produce('orders', 1, 'b');
    await clock.advance(100);
    cluster.members[0]?.assign([{ topic: 'orders', partition: 1 }]);
    await clock.advance(1_000);
    cluster.members[0]?.assignAll();
    await clock.advance(1_000);
    cluster.members[0]?.crash(new Error('gone'));
    await clock.advance(10_000);
    expect(cluster.members.length).toBeGreaterThan(1);
    expect(values).toEqual([]);
    expect(consumer.health().state).toBe('paused');
    consumer.resume();
    await clock.advance(1_000);
    expect(values.toSorted()).toEqual(['a', 'b']);
  });

  it('hold one source of several, with its tiers, and no other', async () => {
    const { cluster, clock } = consumers;
    for (const topic of ['orders', 'payments']) {
      cluster.create(topic);
      cluster.produce(topic, 0, topic);
    }
    const { values, handler } = seen();
    const consumer = consumers.create({ topics: ['orders', 'payments'], handler });
    consumer.pause(['orders']);
    await consumer.start();
    await clock.advance(1_000);
    expect(values).toEqual(['payments']);
    consumer.resume(['payments', 'orders']);
    await clock.advance(1_000);
    expect(values).toEqual(['payments', 'orders']);
  });

  it('twice is once, and each is told', async () => {
    const told: unknown[] = [];
    const consumer = consumers.create();
    consumer.on('held', ({ topic, reason, since }) => told.push(['held', topic, reason, since]));
    consumer.on('released', ({ topic, reason, time }) => told.push(['released', topic, reason, time]));
    const since = consumers.clock.wallTime();
    consumer.resume();
    consumer.pause();
    await consumers.clock.advance(1_500);
    consumer.pause(['orders', 'orders']);
    consumer.resume();
    expect(told).toEqual([
      ['held', 'orders', 'user', since],
      ['released', 'orders', 'user', 1_500],
    ]);
  });

  it('keep nobody from stopping', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'a');
    const { values, handler } = seen();
    const { consumer } = consumers.start({ handler });
    consumer.pause();
    await clock.advance(1_000);
    const stopped = consumer.stop();
    await clock.advance(100);
    await stopped;
    consumer.resume();
    expect(values).toEqual([]);
    expect(cluster.committedOffset('orders')).toBe(0);
  });

  it.each<[unknown, string]>([
    [
      ['ordres'],
      'pause() names "ordres", which this consumer does not read. Nothing has changed by this call. It reads orders.',
    ],
    [['orders', 'payments'], '"payments"'],
    [['orders-billing-retry-5s'], 'which is a tier of orders. Nothing has changed by this call. Name orders'],
    ['orders', 'what pause() names is "orders", but must be a list, such as [\'orders\']'],
    [[undefined], 'names undefined'],
    [null, 'must be a list'],
  ])('refuse %j', (topics, message) => {
    const consumer = consumers.create({ retry: { tiers: ['5s'] } });
    expect(() => consumer.pause(topics as never)).toThrow(
      expect.objectContaining({ code: 'VELO_INVALID_OPTION', message: expect.stringContaining(message) }),
    );
    expect(() => consumer.resume(topics as never)).toThrow(message.replace('pause()', 'resume()'));
    expect(consumer.health().held).toEqual([]);
  });
});
