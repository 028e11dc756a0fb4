import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { type ConsumerInTest, Consumers, text } from './support/consumers.js';
import { gate } from './support/lane-in-test.js';
import { kafkaError, type MemoryCluster, type MemoryMember } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';
import type { VirtualClock } from './support/virtual-clock.js';

const DEAD = 'orders-billing-dlt';

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
  cluster.create('orders');
});

afterEach(() => consumers.end());

const member = () => cluster.members.at(-1) as MemoryMember;
const values = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);
const committed = (partition = 0) => cluster.committedOffset('orders', partition);

/** How a member comes to its next assignment. */
const returns = {
  'without a pause': async () => member().assignAll(),
  'after a pause without the topic': async () => {
    member().assign([]);
    await clock.advance(1_000);
    member().assignAll();
  },
  'after its restart': async () => {
    member().crash(kafkaError(25, 'Unknown member'));
    await clock.advance(1_000);
  },
} as const;

const ways = Object.entries(returns).map(([how, comesBack]) => ({ how, comesBack }));

describe.each([
  { handOff: 'at-least-once', scope: undefined },
  { handOff: 'transactional', scope: 'by-partition' },
  { handOff: 'transactional', scope: 'by-member' },
] as const)('by $handOff hand-off, $scope', ({ handOff, scope }) => {
  let seen: (string | null)[];

  beforeEach(() => {
    seen = [];
    if (scope !== undefined) cluster.transactions = new MemoryTransactions(cluster, scope);
  });

  const start = (config: Partial<ConsumerConfig> = {}): ConsumerInTest =>
    consumers.start(
      { handOff, handler: (record) => void seen.push(text(record)), ...config },
      'positionReset',
      'offsetOutOfRange',
      'success',
    );

  describe.each(ways)('a partition that comes back $how', ({ comesBack }) => {
    it.each([
      { than: 'shorter than', count: 2, startFrom: 'earliest' },
      { than: 'longer than', count: 5, startFrom: 'earliest' },
      { than: 'longer than', count: 5, startFrom: 'latest' },
    ] as const)(
      'of a topic made again, wider and $than the old one, from $startFrom: all of the new one is handled',
      async ({ count, startFrom }) => {
        const { consumer, told } = start({ startFrom });
        await clock.advance(100);
        cluster.produce('orders', 0, ...values('old', 3));
        await clock.advance(1_000);
        expect([seen, committed()]).toEqual([values('old', 3), 3]);
        cluster.recreate('orders', 2);
        const fresh = [values('new', count), values('wide', count)];
        member().stopped = true;
        fresh.forEach((list, partition) => {
          cluster.produce('orders', partition, ...list);
        });
        member().stopped = false;
        await comesBack();
        await clock.advance(1_000);
        expect([...seen].sort()).toEqual([...values('old', 3), ...fresh.flat()].sort());
        expect([committed(0), committed(1)]).toEqual([count, count]);
        expect(told('positionReset')).toMatchObject([
          { topic: 'orders', partition: 0, from: 3, to: 0, reason: 'offset-gone' },
        ]);
        expect(consumer.health().state).toBe('running');
      },
    );

    it.each([
      { by: 'moving it back', offset: 1, reason: 'moved-back' },
      { by: 'deleting it', offset: undefined, reason: 'offset-gone' },
    ])('after an administrator has reset the offset by $by: the reset wins', async ({ offset, reason }) => {
      cluster.produce('orders', 0, 'a', 'b', 'c');
      const { told } = start();
      await clock.advance(1_000);
      expect(committed()).toBe(3);
      if (offset === undefined) cluster.committed.delete('orders 0');
      else cluster.committed.set('orders 0', { offset, metadata: '' });
      await comesBack();
      await clock.advance(1_000);
      expect(seen).toEqual(['a', 'b', 'c', ...['a', 'b', 'c'].slice(offset ?? 0)]);
      expect(committed()).toBe(3);
      const [event, ...more] = told('positionReset');
      expect(event).toMatchObject({ from: 3, to: offset ?? 0, reason });
      expect(event?.explanation).toContain('group billing');
      expect(more).toEqual([]);
      cluster.produce('orders', 0, 'd');
      await clock.advance(1_000);
      expect([seen.at(-1), committed()]).toEqual(['d', 4]);
    });

    it('after an administrator has moved the offset beyond the end: all that is there is handled', async () => {
      cluster.produce('orders', 0, 'a', 'b', 'c');
      const { told } = start();
      await clock.advance(1_000);
      cluster.committed.set('orders 0', { offset: 100, metadata: '' });
      await comesBack();
      await clock.advance(1_000);
      cluster.produce('orders', 0, 'd');
      await clock.advance(1_000);
      expect(seen).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'd']);
      expect(committed()).toBe(4);
      expect(told('positionReset')).toMatchObject([{ from: 3, to: 0, reason: 'beyond-end' }]);
    });

    it('of a log that was cut off beyond what is committed: what is written there now is handled', async () => {
      const { calls, handler } = gate();
      const { told } = start({ handler });
      cluster.produce('orders', 0, 'a', 'b', 'c', 'd');
      await clock.advance(100);
      calls[0]?.pass();
      await clock.advance(1_000);
      expect(committed()).toBe(1);
      member().stopped = true;
      cluster.cutOff('orders', 0, 2);
      cluster.produce('orders', 0, 'new c');
      member().stopped = false;
      await comesBack();
      for (let i = 1; i < 5; i++) {
        await clock.advance(1_000);
        calls[i]?.pass();
      }
      await clock.advance(1_000);
      expect(calls.map(({ record }) => text(record))).toEqual(['a', 'b', 'b', 'new c']);
      expect(committed()).toBe(3);
      // Whoever was without the partition for a while has fetched nothing that it could miss.
      if (told('positionReset').length > 0)
        expect(told('positionReset')).toMatchObject([{ from: 4, to: 1, reason: 'log-shorter' }]);
    });
  });

  it('a topic made again under a running member, whose client goes to the earliest', async () => {
    cluster.produce('orders', 0, 'a', 'b', 'c');
    const { told } = start();
    await clock.advance(1_000);
    cluster.recreate('orders');
    cluster.produce('orders', 0, 'new a');
    await clock.advance(1_000);
    cluster.produce('orders', 0, 'new b');
    await clock.advance(1_000);
    expect(seen).toEqual(['a', 'b', 'c', 'new a', 'new b']);
    expect(committed()).toBe(2);
    expect(told('positionReset')).toMatchObject([{ from: 3, to: 0, reason: 'offset-gone' }]);
    expect(told('offsetOutOfRange')).toEqual([]);
  });

  it('a client that has lost its position for nothing goes on where it was', async () => {
    cluster.produce('orders', 0, 'a', 'b');
    const { told } = start();
    await clock.advance(1_000);
    member().sink.outOfRange({ topic: 'orders', partition: 0 });
    member().seek({ topic: 'orders', partition: 0, offset: 0 });
    member().feed();
    cluster.produce('orders', 0, 'c');
    await clock.advance(1_000);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect([told('positionReset'), told('offsetOutOfRange')]).toEqual([[], []]);
  });

  it('a handler that runs is told, and its end counts for nothing of the same offset now', async () => {
    const { calls, handler } = gate();
    const { told } = start({ handler });
    cluster.produce('orders', 0, 'a', 'b');
    await clock.advance(100);
    calls[0]?.pass();
    await clock.advance(1_000);
    expect(committed()).toBe(1);
    cluster.committed.set('orders 0', { offset: 0, metadata: '' });
    member().assignAll();
    await clock.advance(100);
    // One record of a partition at a time, whatever it is
    expect(calls).toHaveLength(2);
    expect(calls[1]?.context.signal.aborted).toBe(true);
    calls[1]?.pass();
    await clock.advance(1_000);
    expect(calls.map(({ record }) => text(record))).toEqual(['a', 'b', 'a']);
    expect(committed()).toBe(0);
    expect(told('success')).toHaveLength(1);
    for (const i of [2, 3]) {
      calls[i]?.pass();
      await clock.advance(1_000);
      expect(committed()).toBe(i - 1);
    }
  });

  it('a copy that is on its way finishes no record of the same offset now', async () => {
    let acknowledge = (): void => {};
    cluster.onPublish = () =>
      new Promise<void>((resolve) => {
        acknowledge = resolve;
      });
    const { calls, handler } = gate();
    start({ handler, retry: { inPlace: { maxAttempts: 1 }, tiers: [] } });
    cluster.produce('orders', 0, 'a', 'b');
    await clock.advance(1_000);
    calls[0]?.pass();
    await clock.advance(1_000);
    calls[1]?.fail(new PermanentError('x'));
    await clock.advance(1_000);
    cluster.onPublish = () => undefined;
    cluster.committed.set('orders 0', { offset: 0, metadata: '' });
    const rejoined = member().assignAll();
    await clock.advance(1_000);
    acknowledge();
    await clock.advance(1_000);
    calls[2]?.pass();
    await clock.advance(1_000);
    expect(calls.map(({ record }) => text(record))).toEqual(['a', 'b', 'a', 'b']);
    expect(committed()).toBe(1);
    calls[3]?.pass();
    await clock.advance(1_000);
    expect(committed()).toBe(2);
    expect(cluster.topics.has(DEAD)).toBe(true);
    await rejoined;
  });

  it.each([
    { topic: 'orders', startFrom: 'earliest' },
    { topic: 'orders', startFrom: 'latest' },
    { topic: 'orders-billing-retry-5s', startFrom: 'latest' },
  ] as const)(
    'a committed offset beyond the end of $topic, from $startFrom: all that is there is handled, and told',
    async ({ topic, startFrom }) => {
      cluster.create(topic);
      cluster.produce(topic, 0, 'a', 'b');
      cluster.committed.set('orders 0', { offset: 0, metadata: '' });
      cluster.committed.set(`${topic} 0`, { offset: 100, metadata: '' });
      const { told } = start({ startFrom, retry: { tiers: ['5s'] } });
      await clock.advance(10_000);
      expect(seen).toEqual(['a', 'b']);
      expect(cluster.committedOffset(topic)).toBe(2);
      expect(told('offsetOutOfRange')).toEqual([
        {
          topic,
          partition: 0,
          from: 100,
          to: 0,
          passedOver: 0,
          explanation: expect.stringContaining('the log ends at 2'),
        },
      ]);
      expect(told('positionReset')).toEqual([]);
    },
  );
});
