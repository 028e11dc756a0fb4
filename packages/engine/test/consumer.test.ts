import { fixed, PermanentError, RetriableError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../src/binding/record.js';
import type { VeloConsumer } from '../src/consumer/velo-consumer.js';
import type { ConsumerEvent, ConsumerEvents } from '../src/observing/events.js';
import type { ConsumerSettings, HandlerContext } from '../src/plan/config.js';
import type { Decoding } from '../src/plan/decoding.js';
import { createVeloOn, type Velo } from '../src/velo.js';
import { kafkaError, MemoryCluster, type MemoryMember } from './support/memory-cluster.js';
import { settle, VirtualClock } from './support/virtual-clock.js';

const text = (record: KafkaRecord) => record.value?.toString() ?? null;
const silent = { info() {}, warn() {}, error() {} };

let cluster: MemoryCluster;
let clock: VirtualClock;
let started: Running[] = [];

interface Running {
  readonly velo: Velo;
  readonly consumer: VeloConsumer;
  told<E extends ConsumerEvent>(type: E): ConsumerEvents[E][];
  readonly joined: Promise<void>;
}

/** A consumer of `orders` that was told to start. `T` is what its decode makes. */
function start<T = KafkaRecord>(
  config: Partial<ConsumerSettings<T>> & { handler: ConsumerSettings<T>['handler'] } & Decoding<T>,
): Running {
  const velo = createVeloOn(cluster.open, { clock, env: {}, logger: silent });
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    startFrom: 'earliest',
    ...config,
  });
  const events: { type: ConsumerEvent; event: ConsumerEvents[ConsumerEvent] }[] = [];
  const types: ConsumerEvent[] = [
    'assigned',
    'revoked',
    'retry',
    'handOff',
    'deadLetter',
    'skipped',
    'publishFailed',
    'publishRefused',
    'commitFailed',
    'crashed',
    'restarted',
    'dead',
    'stalled',
    'stopped',
    'wait',
    'late',
    'offsetOutOfRange',
    'positionReset',
  ];
  for (const type of types) consumer.on(type, (event) => events.push({ type, event }));
  const running: Running = {
    velo,
    consumer,
    told: <E extends ConsumerEvent>(type: E) =>
      events.filter((e) => e.type === type).map((e) => e.event as ConsumerEvents[E]),
    joined: consumer.start(),
  };
  running.joined.catch(() => {});
  started.push(running);
  return running;
}

beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  cluster.wallTime = () => clock.wallTime();
  started = [];
});

afterEach(async () => {
  const stopping = started.map(({ velo }) => velo.close());
  await clock.advance(120_000);
  await Promise.all(stopping);
  expect(cluster.openClients).toBe(0);
  expect(clock.pending).toBe(0);
});

/** A handler whose calls the test ends one by one. */
function gate() {
  const calls: { record: KafkaRecord; context: HandlerContext; pass(): void; fail(error: unknown): void }[] =
    [];
  const handler = (record: KafkaRecord, context: HandlerContext) =>
    new Promise<void>((pass, fail) => {
      calls.push({ record, context, pass: () => pass(), fail });
    });
  return { calls, handler };
}

describe('the finished prefix', () => {
  it('commits up to the last record of a drained partition', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b', 'c');
    const seen: unknown[] = [];
    start({ handler: (record) => seen.push(text(record)) });
    await clock.advance(100);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(cluster.committedOffset('orders')).toBe(3);
  });

  it('does not commit a record whose handler still runs', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b', 'c');
    const { calls, handler } = gate();
    start({ handler });
    await clock.advance(1_000);
    calls[0]?.pass();
    await clock.advance(1_000);
    expect(calls.map(({ record }) => text(record))).toEqual(['a', 'b']);
    expect(cluster.committedOffset('orders')).toBe(1);
    calls[1]?.pass();
    await clock.advance(10);
    calls[2]?.pass();
  });

  it('passes over the gaps that compaction leaves', async () => {
    cluster.create('orders');
    cluster.produce(
      'orders',
      0,
      { offset: 5, value: Buffer.from('a') },
      { offset: 9, value: Buffer.from('b') },
    );
    start({ handler: () => {} });
    await clock.advance(1_000);
    expect(cluster.committedOffset('orders')).toBe(10);
  });

  it('commits by clock, not by record', async () => {
    cluster.create('orders');
    const { calls, handler } = gate();
    start({ handler });
    await clock.advance(100);
    cluster.commits.length = 0;
    cluster.produce('orders', 0, ...Array.from({ length: 100 }, (_, i) => String(i)));
    for (let i = 0; i < 100; i++) {
      await clock.advance(10);
      calls[i]?.pass();
    }
    await clock.advance(300);
    expect(cluster.commits.length).toBeGreaterThan(2);
    expect(cluster.commits.length).toBeLessThan(10);
  });

  it('tries a failed commit again, and says so', async () => {
    cluster.create('orders');
    let failures = 2;
    cluster.onCommit = ([offset]) => {
      if ((offset?.offset ?? 0) > 0 && failures-- > 0) throw kafkaError(15);
    };
    const { told, consumer } = start({ handler: () => {} });
    await clock.advance(100);
    cluster.produce('orders', 0, 'a');
    await clock.advance(70);
    expect(told('commitFailed')).toHaveLength(1);
    expect(consumer.health().state).toBe('retrying');
    await clock.advance(1_000);
    expect(cluster.committedOffset('orders')).toBe(1);
    expect(consumer.health().state).toBe('running');
  });

  it('that the coordinator refuses since it does not know the group are made again when the member has joined it', async () => {
    cluster.create('orders');
    let knows = false;
    cluster.onCommit = () => {
      if (!knows) throw kafkaError(69, 'The group id does not exist');
    };
    const { joined, told } = start({ handler: () => {}, startFrom: 'earliest' });
    await clock.advance(1_000);
    knows = true;
    cluster.members[0]?.assignAll();
    await clock.advance(1_000);
    await joined;
    cluster.produce('orders', 0, 'a');
    await clock.advance(1_000);
    expect(cluster.committedOffset('orders')).toBe(1);
    expect(told('dead')).toEqual([]);
  });

  it('does not let commits wait once the member has joined anew', async () => {
    cluster.create('orders');
    let failing = false;
    cluster.onCommit = () => {
      if (failing) throw kafkaError(15);
    };
    const { told } = start({ handler: () => {} });
    await clock.advance(100);
    failing = true;
    cluster.produce('orders', 0, 'a');
    await clock.advance(20_000);
    expect(told('commitFailed').length).toBeGreaterThan(8);
    failing = false;
    cluster.members[0]?.assignAll();
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(1);
  });
});

describe('failures', () => {
  it('are retried in place, three attempts by default, then dead-lettered', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 1, 'bad', 'good');
    const seen: string[] = [];
    const { told } = start({
      handler: (record, { attempt, totalAttempts, tier }) => {
        seen.push(`${text(record)} ${attempt} ${totalAttempts} ${tier}`);
        if (text(record) === 'bad') throw new Error('no luck');
      },
    });
    await clock.advance(2_000);
    expect(seen).toEqual(['bad 1 1 0', 'bad 2 2 0', 'bad 3 3 0', 'good 1 1 0']);
    expect(told('retry').map(({ delay }) => delay)).toEqual([100, 200]);
    expect(cluster.values('orders-billing-dlt', 1)).toEqual(['bad']);
    expect(cluster.committedOffset('orders', 1)).toBe(2);
    expect(told('deadLetter')).toMatchObject([
      { reason: 'exhausted', totalAttempts: 3, topic: 'orders-billing-dlt' },
    ]);
  });

  it('are counted for each record: a success resets nothing that another needs', async () => {
    cluster.create('orders');
    const names = Array.from({ length: 10 }, (_, i) => `r${i}`);
    cluster.produce('orders', 0, ...names);
    const seen = new Set<string>();
    const attempts: number[] = [];
    start({
      handler: (record, { attempt }) => {
        const name = text(record) as string;
        attempts.push(attempt);
        if (seen.has(name)) return;
        seen.add(name);
        throw new Error('first attempt');
      },
    });
    await clock.advance(20_000);
    expect(attempts).toEqual(names.flatMap(() => [1, 2]));
    expect(cluster.values('orders-billing-dlt')).toEqual([]);
  });

  it.each([
    new TypeError('undefined is not a function'),
    new SyntaxError('bad'),
    new RangeError('bad'),
    new ReferenceError('bad'),
    new PermanentError('bad'),
    kafkaError(10),
  ])('of the record itself go to the dead letters at once: %o', async (error) => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad');
    let calls = 0;
    const { told } = start({
      retry: { tiers: ['5s'] },
      handler: () => {
        calls++;
        throw error;
      },
    });
    await clock.advance(1_000);
    expect(calls).toBe(1);
    expect(told('deadLetter')).toMatchObject([{ reason: 'permanent' }]);
  });

  it.each([
    new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
    Object.assign(new Error('RESOURCE_EXHAUSTED'), { code: 10 }),
    'a thrown string',
    undefined,
  ])('that may pass are retried: %o', async (error) => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    let calls = 0;
    start({
      handler: () => {
        if (++calls < 3) throw error;
      },
    });
    await clock.advance(2_000);
    expect(calls).toBe(3);
    expect(cluster.values('orders-billing-dlt')).toEqual([]);
  });

  it('to decode are permanent and keep the bytes', async () => {
    cluster.create('orders');
    const bytes = Buffer.from([0, 255, 254, 1]);
    cluster.produce('orders', 0, { value: bytes, key: Buffer.from([9, 0]) });
    start({ decode: (record: KafkaRecord) => JSON.parse(String(record.value)), handler: () => {} });
    await clock.advance(1_000);
    expect(cluster.log('orders-billing-dlt')[0]).toMatchObject({ value: bytes, key: Buffer.from([9, 0]) });
  });

  it('to decode are retried where decode asks for it', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    let calls = 0;
    start({
      decode: async (record: KafkaRecord) => {
        if (++calls === 1) throw new RetriableError('the schema registry is down');
        return record;
      },
      handler: () => {},
    });
    await clock.advance(1_000);
    expect(calls).toBe(2);
    expect(cluster.committedOffset('orders')).toBe(1);
  });

  it('go where classify sends them; a classify that throws is not heeded', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'poison', 'odd');
    const attempts: (string | null)[] = [];
    start({
      retry: {
        classify: (error) => {
          if ((error as Error).message === 'odd') throw new Error('classify is broken');
          return 'dead-letter';
        },
      },
      handler: (record) => {
        attempts.push(text(record));
        throw new Error(String(text(record)));
      },
    });
    await clock.advance(2_000);
    expect(attempts).toEqual(['poison', 'odd', 'odd', 'odd']);
    expect(cluster.values('orders-billing-dlt')).toEqual(['poison', 'odd']);
  });

  it('can be skipped, with an event', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad', 'good');
    const { told } = start({
      exhausted: { action: 'skip' },
      handler: (record) => {
        if (text(record) === 'bad') throw new PermanentError('bad');
      },
    });
    await clock.advance(1_000);
    expect(told('skipped')).toMatchObject([{ reason: 'permanent' }]);
    expect(cluster.committedOffset('orders')).toBe(2);
    expect(cluster.topics.has('orders-billing-dlt')).toBe(false);
  });

  it('can stop the consumer before the record', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'good', 'bad', 'next');
    const seen: unknown[] = [];
    const { told, consumer } = start({
      exhausted: { action: 'stop' },
      handler: (record) => {
        seen.push(text(record));
        if (text(record) === 'bad') throw new PermanentError('bad');
      },
    });
    await clock.advance(60_000);
    expect(seen).toEqual(['good', 'bad']);
    expect(cluster.committedOffset('orders')).toBe(1);
    expect(consumer.health()).toMatchObject({ state: 'dead', error: { code: 'VELO_CONSUMER_DEAD' } });
    expect(told('dead')).toHaveLength(1);
  });

  it('are told to a strategy that learns: the waits so far, and the end', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    const observed: unknown[] = [];
    const strategy = {
      kind: 'learning',
      delay: () => 100,
      observe: (outcome: unknown) => observed.push(outcome),
    };
    let calls = 0;
    start({
      retry: { inPlace: { strategy } },
      handler: () => {
        if (++calls < 3) throw new Error('connection lost');
      },
    });
    await clock.advance(1_000);
    expect(observed).toEqual([
      { category: 'NetworkIssue', waited: 0, succeeded: false },
      { category: 'NetworkIssue', waited: 100, succeeded: false },
      { category: 'NetworkIssue', waited: 200, succeeded: true },
    ]);
  });

  it('leave other partitions flowing while one waits', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'slow');
    const seen: unknown[] = [];
    start({
      retry: { inPlace: { maxAttempts: 2, strategy: fixed(3_000) } },
      handler: (record, { attempt }) => {
        if (text(record) === 'slow' && attempt === 1) throw new Error('wait');
        seen.push(text(record));
      },
    });
    await clock.advance(100);
    cluster.produce('orders', 1, 'a', 'b');
    await clock.advance(100);
    expect(seen).toEqual(['a', 'b']);
    await clock.advance(3_000);
    expect(seen).toEqual(['a', 'b', 'slow']);
  });

  it('of a strategy end neither the consumer nor the process: the default waits count', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    const broken = {
      kind: 'broken',
      delay: () => {
        throw new Error('no delay');
      },
    };
    const { consumer } = start({
      retry: { inPlace: { strategy: broken } },
      handler: () => Promise.reject(new Error('x')),
    });
    await clock.advance(60_000);
    expect(consumer.health().state).toBe('running');
    expect(cluster.log('orders-billing-dlt', 0)).toHaveLength(1);
  });
});

describe('tiers', () => {
  it('take a record through each wait, then to the dead letters', async () => {
    cluster.create('orders');
    const written = clock.wallTime();
    cluster.produce('orders', 0, 'x');
    const seen: string[] = [];
    const begin = clock.now();
    const { told } = start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s', '1m'] },
      handler: (record, { tier, totalAttempts, attempt }) => {
        seen.push(`${record.topic} ${tier} ${attempt} ${totalAttempts} @${clock.now() - begin}`);
        throw new Error('down');
      },
    });
    await clock.advance(70_000);
    expect(seen).toEqual([
      'orders 0 1 1 @0',
      'orders-billing-retry-5s 1 1 2 @5000',
      'orders-billing-retry-1m 2 1 3 @65000',
    ]);
    expect(told('handOff')).toMatchObject([
      { nextTier: 1, delay: 5_000 },
      { nextTier: 2, delay: 60_000 },
    ]);
    expect(told('late').map(({ lateness }) => lateness)).toEqual([0, 0]);
    const [letter] = cluster.log('orders-billing-dlt');
    const headers = Object.fromEntries((letter?.headers ?? []).map(([name, value]) => [name, String(value)]));
    expect(headers).toMatchObject({
      'velo-attempt': '3',
      'velo-original-topic': 'orders',
      'velo-original-partition': '0',
      'velo-original-offset': '0',
      'velo-original-timestamp': String(written),
      'velo-group': 'billing',
      'velo-reason': 'exhausted',
      'velo-error-class': 'Error',
      'velo-error-message': 'down',
      'velo-error-category': 'Unknown',
    });
  });

  it('are read from the earliest, whatever the start position of the source', async () => {
    cluster.create('orders');
    cluster.create('orders-billing-retry-5s');
    cluster.produce('orders', 0, 'old');
    cluster.produce('orders-billing-retry-5s', 0, 'a copy from before');
    const seen: unknown[] = [];
    start({ startFrom: 'latest', retry: { tiers: ['5s'] }, handler: (record) => seen.push(text(record)) });
    await clock.advance(1_000);
    expect(seen).toEqual(['a copy from before']);
  });

  it('hold back the offset of the source until the copy is acknowledged, while the lane goes on', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad', 'good', 'better');
    let acknowledge = () => {};
    cluster.onPublish = () =>
      new Promise<void>((resolve) => {
        acknowledge = resolve;
      });
    const seen: unknown[] = [];
    start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] },
      handler: (record) => {
        seen.push(text(record));
        if (text(record) === 'bad' && record.topic === 'orders') throw new Error('down');
      },
    });
    await clock.advance(2_000);
    expect(seen).toEqual(['bad', 'good', 'better']);
    expect(cluster.committedOffset('orders')).toBe(0);
    acknowledge();
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(3);
  });

  it('are written again until the brokers take the copy; health says so', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad');
    let failures = 3;
    cluster.onPublish = () => (failures-- > 0 ? kafkaError(6) : undefined);
    const { told, consumer } = start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] },
      handler: () => Promise.reject(new Error('x')),
    });
    await clock.advance(150);
    expect(consumer.health().state).toBe('retrying');
    expect(cluster.committedOffset('orders')).toBe(0);
    await clock.advance(1_000);
    expect(told('publishFailed').map(({ delay }) => delay)).toEqual([100, 200, 400]);
    expect(cluster.log('orders-billing-retry-5s')).toHaveLength(1);
    expect(cluster.committedOffset('orders')).toBe(1);
    expect(consumer.health().state).toBe('running');
  });

  it('that refuse a copy for good leave the dead letters', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad');
    cluster.onPublish = ({ topic }) =>
      topic.includes('retry') ? kafkaError(29, 'not authorized') : undefined;
    const { told, consumer } = start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] },
      handler: () => Promise.reject(new Error('down')),
    });
    await clock.advance(1_000);
    expect(told('publishRefused')).toMatchObject([{ topic: 'orders-billing-retry-5s' }]);
    expect(told('deadLetter')).toMatchObject([{ reason: 'refused', totalAttempts: 1 }]);
    const headers = new Map(cluster.log('orders-billing-dlt')[0]?.headers);
    expect(String(headers.get('velo-reason'))).toBe('refused');
    expect(cluster.committedOffset('orders')).toBe(1);
    expect(consumer.health().state).toBe('running');
  });

  it('a copy that is too large goes without the texts of the error', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad');
    cluster.onPublish = ({ headers }) =>
      headers.some(([, value]) => String(value).length > 400) ? kafkaError(10, 'too large') : undefined;
    const { told } = start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] },
      handler: () => Promise.reject(new Error('x'.repeat(1_000))),
    });
    await clock.advance(1_000);
    expect(told('handOff')).toHaveLength(1);
    expect(cluster.values('orders-billing-retry-5s')).toEqual(['bad']);
  });

  it.each([
    { refused: undefined, state: 'dead', committed: 0 },
    { refused: 'stop', state: 'dead', committed: 0 },
    { refused: 'skip', state: 'running', committed: 2 },
  ] as const)(
    'a copy that nobody takes ends as configured: refused $refused',
    async ({ refused, state, committed }) => {
      cluster.create('orders');
      cluster.produce('orders', 0, 'bad', 'good');
      cluster.onPublish = () => kafkaError(10, 'too large');
      const { consumer, told } = start({
        refused,
        handler: (record) => {
          if (text(record) === 'bad') throw new PermanentError('bad');
        },
      });
      await clock.advance(60_000);
      expect(consumer.health().state).toBe(state);
      expect(cluster.committedOffset('orders')).toBe(committed);
      // As it was, compressed, and without the texts of its error.
      expect(told('publishRefused')).toHaveLength(3);
      if (state === 'dead') expect(consumer.health().error).toMatchObject({ code: 'VELO_PUBLISH_REFUSED' });
      else expect(told('skipped')).toMatchObject([{ reason: 'refused' }]);
    },
  );

  it('that vanish are made again', async () => {
    cluster.create('orders');
    const { joined } = start({
      handler: () => {
        throw new PermanentError('bad');
      },
    });
    await clock.advance(100);
    await joined;
    cluster.topics.delete('orders-billing-dlt');
    cluster.produce('orders', 0, 'bad');
    await clock.advance(1_000);
    expect(cluster.values('orders-billing-dlt')).toEqual(['bad']);
  });

  it.each([
    { after: '50ms', place: 'in place', topics: ['orders', 'orders'] },
    {
      after: '3s',
      place: 'in the first tier that is long enough',
      topics: ['orders', 'orders-billing-retry-5s'],
    },
    { after: '10s', place: 'past a tier that is too short', topics: ['orders', 'orders-billing-retry-1m'] },
  ] as const)('RetriableError after $after waits $place', async ({ after, topics }) => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    const seen: string[] = [];
    start({
      retry: { tiers: ['2s', '5s', '1m'] },
      handler: (record) => {
        seen.push(record.topic);
        if (seen.length === 1) throw new RetriableError('later', { after });
      },
    });
    await clock.advance(61_000);
    expect(seen).toEqual(topics);
  });

  it('a record with broken headers is due now and counts as a first attempt', async () => {
    cluster.create('orders');
    cluster.create('orders-billing-retry-5s');
    const header = (name: string, value: string) => [name, Buffer.from(value)] as const;
    cluster.produce('orders-billing-retry-5s', 0, {
      headers: [
        header('velo-group', 'billing'),
        header('velo-due', '9'.repeat(400)),
        header('velo-attempt', '-7e99'),
      ],
    });
    const attempts: number[] = [];
    start({ retry: { tiers: ['5s'] }, handler: (_, { totalAttempts }) => attempts.push(totalAttempts) });
    await clock.advance(100);
    expect(attempts).toEqual([1]);
  });

  it('a due time in the far future waits no longer than the tier does, and once', async () => {
    cluster.create('orders');
    cluster.create('orders-billing-retry-5s');
    const header = (name: string, value: string) => [name, Buffer.from(value)] as const;
    cluster.produce('orders-billing-retry-5s', 0, {
      headers: [
        header('velo-group', 'billing'),
        header('velo-due', String(Number.MAX_SAFE_INTEGER)),
        header('velo-attempt', '4'),
      ],
    });
    const attempts: number[] = [];
    start({ retry: { tiers: ['5s'] }, handler: (_, { totalAttempts }) => attempts.push(totalAttempts) });
    await clock.advance(4_900);
    expect(attempts).toEqual([]);
    await clock.advance(200);
    expect(attempts).toEqual([5]);
  });

  it('state of another group, or on a source topic, is not believed', async () => {
    cluster.create('orders');
    cluster.create('orders-billing-retry-5s');
    const header = (name: string, value: string) => [name, Buffer.from(value)] as const;
    const state = [header('velo-attempt', '99'), header('velo-due', String(clock.wallTime() + 4_000))];
    cluster.produce('orders', 0, { headers: [header('velo-group', 'billing'), ...state] });
    cluster.produce('orders-billing-retry-5s', 0, { headers: [header('velo-group', 'other'), ...state] });
    const attempts: number[] = [];
    start({ retry: { tiers: ['5s'] }, handler: (_, { totalAttempts }) => attempts.push(totalAttempts) });
    await clock.advance(100);
    expect(attempts).toEqual([1, 1]);
  });

  it('that were taken out of the configuration are drained; what fails there goes to the next longer one', async () => {
    cluster.create('orders');
    const first = start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['1s', '5s'] },
      handler: () => Promise.reject(new Error('x')),
    });
    await first.joined;
    cluster.produce('orders', 0, 'x');
    await clock.advance(1_500);
    expect(cluster.values('orders-billing-retry-5s')).toEqual(['x']);
    const closing = first.velo.close();
    await clock.advance(1_000);
    await closing;
    const seen: unknown[] = [];
    const { consumer, joined } = start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['2s', '1m'] },
      handler: (record, { totalAttempts }) => {
        seen.push([record.topic, totalAttempts]);
        throw new Error('y');
      },
    });
    await joined;
    expect(consumer.explain()).toContain('orders-billing-retry-5s');
    await clock.advance(100_000);
    expect(seen).toEqual([
      ['orders-billing-retry-5s', 3],
      ['orders-billing-retry-1m', 4],
    ]);
    expect(cluster.values('orders-billing-dlt')).toEqual(['x']);
  });

  it('grow with their source before the first copy of a new partition', async () => {
    cluster.create('orders');
    start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] },
      handler: () => Promise.reject(new Error('x')),
    });
    await clock.advance(100);
    cluster.create('orders', 3);
    cluster.produce('orders', 2, 'x');
    cluster.members[0]?.assignAll();
    await clock.advance(1_000);
    expect(cluster.values('orders-billing-retry-5s', 2)).toEqual(['x']);
  });
});

describe('start positions', () => {
  describe.each([
    { what: 'with metadata in commits', offsetMetadata: true },
    { what: 'without', offsetMetadata: false },
  ])('at latest, $what', ({ offsetMetadata }) => {
    beforeEach(() => {
      cluster.offsetMetadata = offsetMetadata;
    });

    it('what was there is not read; the position is committed before start() resolves', async () => {
      cluster.create('orders');
      cluster.produce('orders', 0, 'old');
      const seen: unknown[] = [];
      const { joined } = start({ startFrom: 'latest', handler: (record) => seen.push(text(record)) });
      await joined;
      expect(cluster.committedOffset('orders')).toBe(1);
      cluster.produce('orders', 0, 'new');
      await clock.advance(100);
      expect(seen).toEqual(['new']);
    });

    it('what came between the first assignment and a crash is read after it', async () => {
      cluster.create('orders');
      const first = start({ startFrom: 'latest', handler: () => new Promise(() => {}) });
      await first.joined;
      cluster.produce('orders', 0, 'while it was down');
      (cluster.members[0] as MemoryMember).stopped = true;
      const seen: unknown[] = [];
      start({ startFrom: 'latest', handler: (record) => seen.push(text(record)) });
      await clock.advance(1_000);
      expect(seen).toEqual(['while it was down']);
    });

    it('a partition that appears later is read from its beginning, also after a restart of the group', async () => {
      cluster.create('orders');
      const first = start({ startFrom: 'latest', handler: () => {} });
      await first.joined;
      const closing = first.velo.close();
      await clock.advance(1_000);
      await closing;
      cluster.create('orders', 2);
      cluster.produce('orders', 1, 'early');
      const seen: unknown[] = [];
      start({ startFrom: 'latest', handler: (record) => seen.push(text(record)) });
      await clock.advance(1_000);
      expect(seen).toEqual(['early']);
    });

    it('a second member that starts at the same time does not read the history', async () => {
      cluster.create('orders', 2);
      cluster.produce('orders', 1, 'old');
      cluster.autoAssign = false;
      const seen: unknown[] = [];
      start({ startFrom: 'latest', handler: (record) => seen.push(text(record)) });
      start({ startFrom: 'latest', handler: (record) => seen.push(text(record)) });
      await clock.advance(10);
      cluster.members[0]?.assign([{ topic: 'orders', partition: 0 }]);
      await clock.advance(100);
      cluster.members[1]?.assign([{ topic: 'orders', partition: 1 }]);
      await clock.advance(100);
      cluster.produce('orders', 1, 'new');
      await clock.advance(100);
      expect(seen).toEqual(['new']);
    });
  });

  it('of a partition without a leader is told and tried again, while the others are read', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'a');
    cluster.produce('orders', 1, 'b');
    cluster.leaderless.add('orders 1');
    const seen: unknown[] = [];
    const { consumer, joined } = start({
      startFrom: 'earliest',
      handler: (record) => void seen.push(text(record)),
    });
    const told: unknown[] = [];
    consumer.on('positionFailed', ({ partitions, delay, explanation }) =>
      told.push([partitions, delay, explanation]),
    );
    await clock.advance(5_100);
    await joined;
    expect(seen).toEqual(['a']);
    expect(consumer.health().state).toBe('retrying');
    const [first] = told as [[unknown, number, string]];
    expect(first.slice(0, 2)).toEqual([[{ topic: 'orders', partition: 1 }], 100]);
    expect(first[2]).toContain('"orders" 1');
    cluster.leaderless.clear();
    await clock.advance(5_000);
    expect(seen).toEqual(['a', 'b']);
    expect(consumer.health().state).toBe('running');
  });

  describe('at latest, where commits carry no metadata', () => {
    const seen: unknown[] = [];
    const begin = () => start({ startFrom: 'latest', handler: (record) => void seen.push(text(record)) });
    const p = (partition: number) => ({ topic: 'orders', partition });

    beforeEach(() => {
      seen.length = 0;
      cluster.offsetMetadata = false;
      cluster.autoAssign = false;
      cluster.create('orders', 2);
      cluster.produce('orders', 0, 'old');
      cluster.produce('orders', 1, 'old');
    });

    it('the first member commits where all partitions begin, before it handles a record', async () => {
      begin();
      await clock.advance(10);
      cluster.members[0]?.assign([p(0)]);
      await clock.advance(10);
      expect(cluster.commits).toMatchObject([
        [
          { ...p(0), offset: 1 },
          { ...p(1), offset: 1 },
        ],
      ]);
      cluster.produce('orders', 1, 'before its owner came');
      begin();
      await clock.advance(10);
      cluster.members[1]?.assign([p(1)]);
      await clock.advance(10);
      expect(seen).toEqual(['before its owner came']);
    });

    it.each([
      { whose: 'its own', partition: 0, handled: ['meanwhile'] },
      { whose: "another member's", partition: 1, handled: [] },
    ])('what was committed meanwhile of $whose partitions stays', async ({ partition, handled }) => {
      begin();
      await clock.advance(10);
      let looks = 0;
      cluster.onCommitted = () => {
        if (++looks !== 3) return;
        cluster.committed.set(`orders ${partition}`, { offset: 1, metadata: '' });
      };
      cluster.produce('orders', partition, 'meanwhile');
      cluster.members[0]?.assign([p(0)]);
      await clock.advance(1_000);
      expect(looks).toBe(3);
      expect(seen).toEqual(handled);
      expect(cluster.commits[0]).toMatchObject([{ ...p(1 - partition) }]);
      expect(cluster.committedOffset('orders', 1)).toBe(1);
    });

    it('tiers are left to their own members', async () => {
      start({ startFrom: 'latest', retry: { tiers: ['5s'] }, handler: () => {} });
      await clock.advance(10);
      cluster.members[0]?.assign([p(0), { topic: 'orders-billing-retry-5s', partition: 0 }]);
      await clock.advance(10);
      expect(cluster.committedOffset('orders', 1)).toBe(1);
      expect(cluster.committedOffset('orders-billing-retry-5s', 1)).toBe(-1);
    });
  });

  it('an offset that is out of range is an event with the records passed over, and is committed anew', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a');
    const seen: unknown[] = [];
    const { told } = start({ handler: (record) => seen.push(text(record)) });
    await clock.advance(100);
    const [member] = cluster.members as [MemoryMember];
    cluster.raw('orders').length = 0;
    member.sink.outOfRange({ topic: 'orders', partition: 0 });
    cluster.produce('orders', 0, { offset: 8, value: Buffer.from('b') });
    await clock.advance(500);
    expect(seen).toEqual(['a', 'b']);
    expect(told('offsetOutOfRange')).toEqual([
      { topic: 'orders', partition: 0, from: 1, to: 8, passedOver: 7 },
    ]);
    expect(cluster.committedOffset('orders')).toBe(9);
  });

  it.each([
    { what: 'deleted', committed: 2, begins: 5, from: 2, to: 5, passedOver: 3, seen: ['f', 'g'] },
    {
      what: 'cut off',
      committed: 9,
      begins: 5,
      from: 9,
      to: 5,
      passedOver: 0,
      explanation: expect.stringContaining('the log ends at 7'),
      seen: ['f', 'g'],
    },
  ])(
    'a committed offset that was $what before the start is an event, too',
    async ({ what: _, committed, begins, seen, ...event }) => {
      cluster.create('orders');
      cluster.produce('orders', 0, { offset: begins, value: Buffer.from('f') }, 'g');
      cluster.committed.set('orders 0', { offset: committed, metadata: '' });
      const handled: unknown[] = [];
      const { told } = start({ handler: (record) => handled.push(text(record)) });
      await clock.advance(500);
      expect(told('offsetOutOfRange')).toEqual([{ topic: 'orders', partition: 0, ...event }]);
      expect(handled).toEqual(seen);
      expect(cluster.committedOffset('orders')).toBe(7);
    },
  );

  it('a log that was cut off behind the position is read again from the earliest', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b', 'c');
    const seen: unknown[] = [];
    const { told } = start({ handler: (record) => seen.push(text(record)) });
    await clock.advance(100);
    cluster.topics.set('orders', [[]]);
    cluster.produce('orders', 0, 'new a');
    await clock.advance(100);
    expect(seen).toEqual(['a', 'b', 'c', 'new a']);
    expect(told('offsetOutOfRange')).toMatchObject([{ from: 3, to: 0, passedOver: 0 }]);
    expect(told('positionReset')).toMatchObject([{ from: 3, to: 0, reason: 'log-shorter' }]);
  });

  // ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS
  it.each([22, 25, 27])(
    'are committed by the next assignment where a rebalance refuses it: code %i',
    async (code) => {
      cluster.create('orders');
      cluster.produce('orders', 0, 'a');
      cluster.onCommit = () => {
        throw kafkaError(code);
      };
      const { joined, consumer, told } = start({ handler: () => {} });
      await clock.advance(1_000);
      expect(told('dead')).toEqual([]);
      cluster.onCommit = () => {};
      cluster.members[0]?.assignAll();
      await clock.advance(100);
      await joined;
      expect(cluster.committedOffset('orders')).toBe(1);
      expect(consumer.health()).toMatchObject({ state: 'running', restarts: 0 });
    },
  );

  it('are asked for again while the coordinator cannot tell', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a');
    let failures = 3;
    cluster.onCommitted = () => {
      if (failures-- > 0) throw kafkaError(15);
    };
    const seen: unknown[] = [];
    start({ handler: (record) => seen.push(text(record)) });
    await clock.advance(2_000);
    expect(seen).toEqual(['a']);
  });
});

describe('rebalances', () => {
  const p = (partition: number) => ({ topic: 'orders', partition });

  it('keep the lane of a partition that stays: nothing is handled twice, what runs goes on', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b');
    const { calls, handler } = gate();
    start({ handler });
    await clock.advance(100);
    cluster.members[0]?.assign([p(0)]);
    await clock.advance(100);
    expect(calls[0]?.context.signal.aborted).toBe(false);
    calls[0]?.pass();
    await clock.advance(100);
    calls[1]?.pass();
    await clock.advance(100);
    expect(calls.map(({ record }) => text(record))).toEqual(['a', 'b']);
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('abort what runs for a partition that was taken, and it commits nothing', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'a', 'b');
    const { calls, handler } = gate();
    const { told } = start({ handler });
    await clock.advance(100);
    const signal = calls[0]?.context.signal as AbortSignal;
    cluster.members[0]?.assign([p(1)]);
    await clock.advance(100);
    expect(signal.aborted).toBe(true);
    expect(told('revoked')).toEqual([{ partitions: [p(0)] }]);
    calls[0]?.pass();
    await clock.advance(1_000);
    expect(calls).toHaveLength(1);
    expect(cluster.committedOffset('orders', 0)).toBe(0);
  });

  it('never move an offset back: the late end of a lost lane commits nothing over its new owner', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'a', 'b', 'c');
    const { calls, handler } = gate();
    start({ handler });
    await clock.advance(100);
    calls[0]?.pass();
    await settle();
    cluster.members[0]?.assign([p(1)]);
    cluster.committed.set('orders 0', { offset: 3, metadata: '' });
    await clock.advance(1_000);
    calls[1]?.pass();
    await clock.advance(1_000);
    expect(cluster.committedOffset('orders', 0)).toBe(3);
  });

  it('a partition that returns waits for the handler that still runs', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'a', 'b');
    const { calls, handler } = gate();
    start({ handler });
    await clock.advance(100);
    cluster.members[0]?.assign([p(1)]);
    cluster.members[0]?.assign([p(0), p(1)]);
    await clock.advance(1_000);
    expect(calls).toHaveLength(1);
    calls[0]?.pass();
    await clock.advance(100);
    expect(calls.map(({ record }) => text(record))).toEqual(['a', 'a']);
    calls[1]?.pass();
    await clock.advance(10);
    calls[2]?.pass();
  });

  it('start nothing again that another member has committed meanwhile', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b', 'c');
    const { calls, handler } = gate();
    start({ handler });
    await clock.advance(100);
    // The member was thrown out unawares; another one worked, then the partition came back.
    cluster.committed.set('orders 0', { offset: 2, metadata: '' });
    cluster.members[0]?.assign([p(0)]);
    calls[0]?.pass();
    await clock.advance(100);
    expect(calls.map(({ record }) => text(record))).toEqual(['a', 'c']);
    calls[1]?.pass();
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(3);
  });

  it('a wait in place ends when the partition is taken', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'a');
    let calls = 0;
    start({
      handler: () => {
        calls++;
        throw new Error('x');
      },
    });
    await clock.advance(50);
    cluster.members[0]?.assign([p(1)]);
    await clock.advance(5_000);
    expect(calls).toBe(1);
    expect(cluster.values('orders-billing-dlt', 0)).toEqual([]);
  });

  it('copies that were not sent yet are dropped with their partition', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'a');
    cluster.onPublish = () => kafkaError(6);
    start({
      handler: () => {
        throw new PermanentError('x');
      },
    });
    await clock.advance(50);
    cluster.members[0]?.assign([p(1)]);
    cluster.onPublish = () => undefined;
    await clock.advance(10_000);
    expect(cluster.values('orders-billing-dlt', 0)).toEqual([]);
  });

  it('revoking: what runs may finish and is committed, nothing new starts', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b');
    const { calls, handler } = gate();
    start({ handler });
    await clock.advance(100);
    let released = false;
    void cluster.members[0]?.sink.revoking([p(0)]).then(() => {
      released = true;
    });
    await settle();
    expect(released).toBe(false);
    calls[0]?.pass();
    await clock.advance(10);
    expect(released).toBe(true);
    expect(calls).toHaveLength(1);
    expect(cluster.committedOffset('orders')).toBe(1);
    cluster.members[0]?.assign([p(0)]);
    await clock.advance(10);
    calls[1]?.pass();
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(2);
  });
});

describe('backpressure', () => {
  it('pauses a full partition and resumes it when half of its buffer is free', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 0, ...Array.from({ length: 11 }, (_, i) => String(i)));
    const { calls, handler } = gate();
    const { consumer } = start({ handler, buffer: { records: 8 } });
    await clock.advance(100);
    const [member] = cluster.members as [MemoryMember];
    expect([...member.paused]).toEqual(['orders 0']);
    expect(consumer.health().partitions.find((one) => one.partition === 0)?.paused).toBe(true);
    for (let i = 0; i < 5; i++) {
      calls[i]?.pass();
      await clock.advance(1);
    }
    expect([...member.paused]).toEqual(['orders 0']);
    calls[5]?.pass();
    await clock.advance(1);
    expect([...member.paused]).toEqual([]);
    for (let i = 6; i < 11; i++) {
      calls[i]?.pass();
      await clock.advance(1);
    }
  });

  it('holds the lane when copies cannot be written, so that memory stays bounded', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, ...Array.from({ length: 5_000 }, (_, i) => String(i)));
    cluster.onPublish = () => kafkaError(6);
    let calls = 0;
    start({
      buffer: { records: 10_000 },
      // All of them are to become dead letters.
      flow: { guard: false },
      handler: () => {
        calls++;
        throw new PermanentError('x');
      },
    });
    await clock.advance(5_000);
    expect(calls).toBe(1_000);
    cluster.onPublish = () => undefined;
    await clock.advance(20_000);
    expect(cluster.log('orders-billing-dlt')).toHaveLength(5_000);
    expect(cluster.committedOffset('orders')).toBe(5_000);
  });
});

describe('handlers that do not end', () => {
  it('are cut at handlerTimeout: the signal is aborted, the attempt has failed', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    const { calls, handler } = gate();
    start({ handler, handlerTimeout: '1s' });
    await clock.advance(1_050);
    expect(calls[0]?.context.signal.aborted).toBe(true);
    await clock.advance(200);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.context.attempt).toBe(2);
    calls[1]?.pass();
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(1);
  });

  it('are seen: health is stalled, an event says so once', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    const { calls, handler } = gate();
    const { consumer, told } = start({ handler, stallAfter: '10s' });
    await clock.advance(9_000);
    expect(consumer.health().state).toBe('running');
    await clock.advance(20_000);
    expect(consumer.health().state).toBe('stalled');
    expect(told('stalled')).toHaveLength(1);
    calls[0]?.pass();
    await clock.advance(100);
    expect(consumer.health().state).toBe('running');
  });
});

describe('lifecycle', () => {
  it('stop: nothing new starts, what runs may finish, its offset is committed, the group is left', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b');
    const { calls, handler } = gate();
    const { consumer, told } = start({ handler });
    await clock.advance(100);
    const stopping = consumer.stop();
    await clock.advance(100);
    expect(calls[0]?.context.signal.aborted).toBe(false);
    calls[0]?.pass();
    await clock.advance(100);
    await stopping;
    expect(calls).toHaveLength(1);
    expect(cluster.committedOffset('orders')).toBe(1);
    expect(cluster.members[0]?.stopped).toBe(true);
    expect(consumer.health().state).toBe('stopped');
    expect(told('stopped')).toEqual([{ finished: true }]);
  });

  it('stop: a handler that does not end is aborted at the limit and not committed', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a');
    const { calls, handler } = gate();
    const { consumer, told } = start({ handler });
    await clock.advance(100);
    const stopping = consumer.stop({ timeout: '2s' });
    await clock.advance(2_100);
    await stopping;
    expect(calls[0]?.context.signal.aborted).toBe(true);
    calls[0]?.pass();
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(0);
    expect(told('stopped')).toEqual([{ finished: false }]);
  });

  it('an abort stops it; start() rejects if it had not joined', async () => {
    const controller = new AbortController();
    const velo = createVeloOn(cluster.open, { clock, env: {}, logger: silent });
    const consumer = velo.consumer({
      groupId: 'g',
      topics: ['missing'],
      waitForTopics: '1h',
      handler: () => {},
    });
    const starting = consumer.start({ signal: controller.signal });
    starting.catch(() => {});
    await clock.advance(1_000);
    controller.abort();
    await clock.advance(1_000);
    await expect(starting).rejects.toMatchObject({ code: 'VELO_ABORTED' });
    expect(consumer.health().state).toBe('stopped');
  });

  it('start() that stop() overtakes rejects as stopped, whatever the client says to it', async () => {
    cluster.create('orders');
    cluster.onJoin = () => {
      throw new Error('the connection is closed');
    };
    const { joined, consumer } = start({ handler: () => {} });
    const stopping = consumer.stop();
    await clock.advance(1_000);
    await stopping;
    await expect(joined).rejects.toMatchObject({ code: 'VELO_ABORTED' });
  });

  it('a crash of the client is survived with a new member; a kept partition is not handled again', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b');
    const { calls, handler } = gate();
    const { told, consumer } = start({ handler });
    await clock.advance(100);
    cluster.members[0]?.crash(kafkaError(16));
    await settle();
    expect(consumer.health().state).toBe('retrying');
    await clock.advance(300);
    calls[0]?.pass();
    await clock.advance(100);
    calls[1]?.pass();
    await clock.advance(1_000);
    expect(calls.map(({ record }) => text(record))).toEqual(['a', 'b']);
    expect(cluster.committedOffset('orders')).toBe(2);
    expect(told('crashed')).toMatchObject([{ restart: 1, delay: 200 }]);
    expect(told('restarted')).toHaveLength(1);
    expect(consumer.health().state).toBe('running');
  });

  it('crashes without end make it dead, after a bounded number of restarts', async () => {
    cluster.create('orders');
    const { told, consumer, joined } = start({ handler: () => {} });
    await clock.advance(100);
    await joined;
    cluster.onJoin = () => {
      throw kafkaError(25, 'Unknown member');
    };
    cluster.members[0]?.crash(kafkaError(25, 'Unknown member'));
    await clock.advance(3_600_000);
    expect(told('crashed')).toHaveLength(50);
    expect(consumer.health().state).toBe('dead');
    expect(told('dead')).toHaveLength(1);
  });

  it('brokers that are away, however long, do not', async () => {
    cluster.create('orders');
    const { told, consumer, joined } = start({ handler: () => {} });
    await clock.advance(100);
    await joined;
    cluster.onJoin = () => {
      throw kafkaError(15);
    };
    cluster.members[0]?.crash(kafkaError(15));
    await clock.advance(3_600_000);
    expect(told('dead')).toEqual([]);
    expect(consumer.health()).toMatchObject({
      state: 'retrying',
      live: true,
      ready: false,
      lastError: { event: 'crashed', message: 'code 15' },
    });
    cluster.onJoin = () => {};
    await clock.advance(20_000);
    expect(consumer.health()).toMatchObject({ state: 'running', ready: true });
  });

  it('a crash that a restart should not mend gets a few, if the consumer has worked before', async () => {
    cluster.create('orders');
    const { told, consumer, joined } = start({ handler: () => {} });
    await clock.advance(100);
    await joined;
    for (let i = 0; i < 4; i++) {
      cluster.members.at(-1)?.crash(kafkaError(42, 'Invalid request'));
      await clock.advance(10_000);
    }
    expect(told('crashed')).toHaveLength(3);
    expect(consumer.health().state).toBe('dead');
  });

  it('a crash that no restart can mend makes it dead at once', async () => {
    cluster.create('orders');
    cluster.onJoin = () => {
      throw kafkaError(30, 'Group authorization failed');
    };
    const { told, joined } = start({ handler: () => {} });
    await clock.advance(100);
    await expect(joined).rejects.toMatchObject({ code: 'VELO_CONSUMER_DEAD' });
    expect(told('crashed')).toHaveLength(0);
  });

  it('waits for a missing topic and says why', async () => {
    const { told, joined, consumer } = start({ waitForTopics: '1m', handler: () => {} });
    await clock.advance(10_000);
    expect(consumer.health().state).toBe('starting');
    expect(told('wait')[0]).toMatchObject({ topic: 'orders', elapsed: 0, delay: 2_000 });
    expect((told('wait')[0] as { explanation: string }).explanation).toContain('orders');
    cluster.create('orders');
    await clock.advance(20_000);
    await joined;
  });

  it('does not wait unless told to, and names the remedy', async () => {
    const { joined } = start({ handler: () => {} });
    await clock.advance(10);
    await expect(joined).rejects.toMatchObject({
      code: 'VELO_TOPIC_MISSING',
      message: expect.stringContaining('topic.wait.timeout'),
    });
  });

  it('says which topics to create where it may not', async () => {
    cluster.create('orders', 3);
    cluster.creates = false;
    const { joined } = start({ handler: () => {} });
    await clock.advance(10);
    await expect(joined).rejects.toMatchObject({
      code: 'VELO_TOPOLOGY',
      message: expect.stringContaining('--topic orders-billing-dlt --partitions 3'),
    });
  });

  it('starts once', async () => {
    cluster.create('orders');
    const { consumer, joined } = start({ handler: () => {} });
    await joined;
    await expect(consumer.start()).rejects.toMatchObject({ code: 'VELO_CLOSED' });
  });

  it('a listener that throws stops nobody', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'a');
    const { consumer } = start({ handler: () => {} });
    let told = 0;
    consumer.on('success', () => {
      throw new Error('listener');
    });
    consumer.on('success', () => told++);
    await clock.advance(100);
    expect(told).toBe(1);
    expect(cluster.committedOffset('orders')).toBe(1);
  });
});
