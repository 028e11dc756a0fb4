import { PermanentError } from '@velo/retry-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding } from '../../src/binding/binding.js';
import { lazyHeaders } from '../../src/binding/lazy-headers.js';
import type { KafkaHeader, KafkaRecord } from '../../src/binding/record.js';
import type { DeadLetterHeaders } from '../../src/headers/profile.js';
import { readDeadLetter } from '../../src/headers/read-dead-letter.js';
import type { ConsumerConfig } from '../../src/plan/config.js';
import { createVeloOn, type Velo } from '../../src/velo.js';
import { copyOf, recordWith } from '../support/copies.js';
import { MemoryCluster, type Stored } from '../support/memory-cluster.js';
import { VirtualClock } from '../support/virtual-clock.js';

const silent = { info() {}, warn() {}, error() {} };
const text = (record: KafkaRecord) => record.value?.toString() ?? null;

let cluster: MemoryCluster;
let clock: VirtualClock;
let velos: Velo[] = [];

function start(config: Partial<ConsumerConfig>, open: () => ClientBinding = cluster.open) {
  const velo = createVeloOn(open, { clock, env: {}, logger: silent });
  velos.push(velo);
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    startFrom: 'earliest',
    handler: () => {
      throw new Error('down');
    },
    ...config,
  });
  consumer.start().catch(() => {});
  return consumer;
}

async function stop(): Promise<void> {
  const closing = velos.map((velo) => velo.close());
  velos = [];
  await clock.advance(120_000);
  await Promise.all(closing);
  expect(cluster.openClients).toBe(0);
  expect(clock.pending).toBe(0);
}

beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  cluster.wallTime = () => clock.wallTime();
});
afterEach(stop);

const asRecord = ({ headers, ...rest }: Stored, topic: string): KafkaRecord => ({
  ...rest,
  topic,
  partition: 0,
  offset: String(rest.offset),
  headers: lazyHeaders(() => headers, 0),
});
const letter = (topic: string) => readDeadLetter(asRecord(cluster.log(topic)[0] as Stored, topic));

describe('a dead letter in Spring’s headers', () => {
  it.each([
    { naming: 'velo', topic: 'orders-billing-dlt', origin: 'kafka_dlt-original-topic', counted: false },
    { naming: 'spring-index', topic: 'orders-dlt', origin: 'kafka_original-topic', counted: true },
    { naming: 'spring-delay', topic: 'orders-dlt', origin: 'kafka_original-topic', counted: true },
  ] as const)('has the prefix that goes with $naming', async ({ naming, topic, origin, counted }) => {
    cluster.create('orders');
    cluster.produce('orders', 0, { value: Buffer.from('x') });
    start({ retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'], headers: 'spring', naming } });
    await clock.advance(10_000);
    const headers = new Map((cluster.log(topic)[0] as Stored).headers);
    expect(headers.get(origin)?.toString()).toBe('orders');
    expect(headers.get('kafka_dlt-original-consumer-group')?.toString()).toBe('billing');
    expect(headers.get('retry_topic-attempts')).toEqual(counted ? Buffer.from([0, 0, 0, 3]) : undefined);
    expect(headers.has('retry_topic-backoff-timestamp')).toBe(counted);
    expect(letter(topic)).toMatchObject({
      profile: 'spring',
      topic: 'orders',
      attempts: 2,
      reason: 'exhausted',
    });
  });
});

describe('a record that keeps failing', () => {
  it.each([
    ['velo', 'velo'],
    ['velo', 'spring'],
    ['velo', 'connect'],
    ['velo', 'kip1191'],
    ['spring', 'velo'],
    ['spring', 'spring'],
    ['spring', 'connect'],
    ['spring', undefined],
  ] as const)(
    'with %s in its tiers and %s in its dead letter keeps its origin and its count',
    async (headers, last) => {
      cluster.create('orders');
      cluster.produce('orders', 0, { value: Buffer.from('x'), headers: [['trace', Buffer.from([0, 255])]] });
      const seen: string[] = [];
      const begin = clock.now();
      start({
        retry: { inPlace: { maxAttempts: 2 }, tiers: ['5s', '1m'], headers },
        exhausted: { action: 'dead-letter', headers: last },
        handler: (_, { tier, totalAttempts }) => {
          seen.push(`${tier} ${totalAttempts} @${Math.floor((clock.now() - begin) / 1_000)}`);
          throw new Error(`attempt ${totalAttempts}`);
        },
      });
      await clock.advance(70_000);
      expect(seen).toEqual(['0 1 @0', '0 2 @0', '1 3 @5', '1 4 @5', '2 5 @65', '2 6 @65']);
      const profile: DeadLetterHeaders = last ?? headers;
      expect(letter('orders-billing-dlt')).toMatchObject({
        profile,
        topic: 'orders',
        partition: 0,
        offset: '0',
        group: 'billing',
        attempts: 6,
        reason: 'exhausted',
        error: { message: 'attempt 6' },
      });
      const names = cluster.log('orders-billing-dlt')[0]?.headers.map(([name]) => name) ?? [];
      expect(new Set(names).size).toBe(names.length);
      expect(names[0]).toBe('trace');
      expect(names.some((name) => name.startsWith('retry_topic-'))).toBe(false);
    },
  );

  it('tells permanent from exhausted', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    start({
      exhausted: { action: 'dead-letter', headers: 'connect' },
      handler: () => {
        throw new PermanentError('never');
      },
    });
    await clock.advance(1_000);
    expect(letter('orders-billing-dlt')).toMatchObject({
      profile: 'connect',
      reason: 'permanent',
      attempts: 1,
    });
  });

  it('keeps its state when the profile of the tiers is changed while it waits', async () => {
    cluster.create('orders');
    cluster.create('orders-billing-retry-5s');
    const due = clock.wallTime() + 3_000;
    for (const profile of ['velo', 'spring'] as const) {
      const headers = copyOf(recordWith(), { state: { attempts: 2 }, due, profile });
      cluster.produce('orders-billing-retry-5s', 0, { value: Buffer.from(profile), headers });
    }
    const seen: string[] = [];
    start({
      retry: { tiers: ['5s'], headers: 'spring' },
      handler: (record, { totalAttempts }) => seen.push(`${text(record)} ${totalAttempts}`),
    });
    await clock.advance(2_900);
    expect(seen).toEqual([]);
    await clock.advance(200);
    expect(seen).toEqual(['velo 3', 'spring 3']);
  });
});

describe('hostile headers in a tier', () => {
  it('never throw, never loop, never wait beyond the tier', async () => {
    const names = (['velo', 'spring'] as const).flatMap((profile) =>
      copyOf(recordWith(), { due: 1, profile }).map(([name]) => name),
    );
    const value = fc.option(
      fc.oneof(
        fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes)),
        fc
          .constantFrom('billing', 'orders', '-1', '9'.repeat(19), String(2 ** 52))
          .map((s) => Buffer.from(s)),
        fc
          .constantFrom('7fffffffffffffff', '8000000000000000', '80000000', 'ff', '7fff')
          .map((s) => Buffer.from(s, 'hex')),
      ),
    );
    const genuine: readonly KafkaHeader[][] = [
      [],
      [['velo-group', Buffer.from('billing')]],
      [['kafka_dlt-original-consumer-group', Buffer.from('billing')]],
    ];
    const hostile = fc
      .tuple(
        fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 15 }),
        fc.constantFrom(...genuine),
      )
      .map(([headers, group]) => [...headers, ...group]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostile, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('velo', 'spring'),
        async (records, headers) => {
          cluster = new MemoryCluster();
          cluster.wallTime = () => clock.wallTime();
          cluster.create('orders');
          cluster.create('orders-billing-retry-5s');
          for (const stored of records) cluster.produce('orders-billing-retry-5s', 0, { headers: stored });
          let calls = 0;
          const consumer = start({
            retry: { inPlace: { maxAttempts: 2 }, tiers: ['5s'], headers },
            handler: (_, { totalAttempts }) => {
              calls++;
              expect(totalAttempts).toBeLessThanOrEqual(4 + 2);
              throw new Error('down');
            },
          });
          // One after the other: each waits 5 s at the most, and 0.1 s in place.
          await clock.advance(records.length * 5_200);
          expect(consumer.health().state).toBe('running');
          expect(calls).toBe(records.length * 2);
          expect(cluster.log('orders-billing-dlt')).toHaveLength(records.length);
          await stop();
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('names of Spring', () => {
  it.each([
    { naming: 'spring-index', tiers: ['1s', '5s'], topics: ['orders-retry-0', 'orders-retry-1'] },
    { naming: 'spring-delay', tiers: ['1s', '5s'], topics: ['orders-retry-1000', 'orders-retry-5000'] },
    {
      naming: 'spring-delay',
      tiers: ['1s', '5s', '5s'],
      topics: ['orders-retry-1000', 'orders-retry-5000-0', 'orders-retry-5000-1'],
    },
    { naming: 'spring-delay', tiers: ['5s', '5s'], topics: ['orders-retry-0', 'orders-retry-1'] },
    { naming: 'spring-delay', tiers: ['5s'], topics: ['orders-retry-5000'] },
  ] as const)('$naming, $tiers: $topics', async ({ naming, tiers, topics }) => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    start({ retry: { inPlace: { maxAttempts: 1 }, tiers, naming, headers: 'spring' } });
    await clock.advance(20_000);
    expect([...cluster.topics.keys()]).toEqual(['orders', ...topics, 'orders-dlt']);
    for (const topic of topics) expect(cluster.log(topic)).toHaveLength(1);
    expect(letter('orders-dlt')).toMatchObject({ profile: 'spring', attempts: topics.length + 1 });
  });

  it.each(['velo', 'spring'] as const)(
    'pass over the copies of another group, in %s, at once, and try those without one',
    async (profile) => {
      cluster.create('orders');
      cluster.create('orders-retry-0');
      const copy = (groupId: string) =>
        copyOf(recordWith(), { groupId, due: clock.wallTime() + 5_000, profile, state: { attempts: 1 } });
      cluster.produce('orders-retry-0', 0, { value: Buffer.from('theirs'), headers: copy('shipping') });
      cluster.produce('orders-retry-0', 0, { value: Buffer.from('nobody’s'), headers: [] });
      cluster.produce('orders-retry-0', 0, { value: Buffer.from('ours'), headers: copy('billing') });
      const seen: unknown[] = [];
      start({
        retry: { tiers: ['5s'], naming: 'spring-index' },
        handler: (record, { totalAttempts }) => seen.push([text(record), totalAttempts]),
      });
      await clock.advance(1_000);
      expect(seen).toEqual([['nobody’s', 1]]);
      expect(cluster.committedOffset('orders-retry-0')).toBe(2);
      await clock.advance(5_000);
      expect(seen).toEqual([
        ['nobody’s', 1],
        ['ours', 2],
      ]);
      expect(cluster.committedOffset('orders-retry-0')).toBe(3);
    },
  );

  it('of velo: a copy that names another group is tried, since nobody else reads there', async () => {
    cluster.create('orders');
    cluster.create('orders-billing-retry-5s');
    const headers = copyOf(recordWith(), { groupId: 'shipping', due: clock.wallTime() + 5_000 });
    cluster.produce('orders-billing-retry-5s', 0, { value: Buffer.from('x'), headers });
    const seen: unknown[] = [];
    start({ retry: { tiers: ['5s'] }, handler: (record) => seen.push(text(record)) });
    await clock.advance(100);
    expect(seen).toEqual(['x']);
  });

  it('that left the configuration are drained, in Spring’s names as in velo’s', async () => {
    cluster.create('orders');
    for (const topic of [
      'orders-retry-1',
      'orders-retry-60000',
      'orders-billing-retry-1m',
      'orders-retry-queue',
    ]) {
      cluster.create(topic);
      const headers = copyOf(recordWith(), { due: clock.wallTime() });
      cluster.produce(topic, 0, { value: Buffer.from(topic), headers });
    }
    const seen = new Set<unknown>();
    start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'], naming: 'spring-index' },
      handler: (record) => seen.add(text(record)),
    });
    await clock.advance(1_000);
    expect([...seen].sort()).toEqual(['orders-billing-retry-1m', 'orders-retry-1', 'orders-retry-60000']);
  });
});

describe('consumer() refuses', () => {
  const textOnly = (): ClientBinding => {
    const client = cluster.open();
    return { ...client, capabilities: { ...client.capabilities, binaryHeaders: false } };
  };

  it.each([
    { config: { retry: { headers: 'spring', tiers: ['5s'] } }, option: 'retry.headers', remedy: "'velo'" },
    {
      config: { exhausted: { action: 'dead-letter', headers: 'spring' } },
      option: 'exhausted.headers',
      remedy: "'velo' or 'connect' or 'kip1191'",
    },
    {
      config: { topics: { orders: { exhausted: { action: 'dead-letter', headers: 'spring' } } } },
      option: 'exhausted.headers',
      remedy: 'client with binary headers',
    },
  ] as const)('$option of a client that carries text only', ({ config, option, remedy }) => {
    try {
      start(config as Partial<ConsumerConfig>, textOnly);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'VELO_NOT_SUPPORTED' });
      expect((error as Error).message).toContain(`${option} is 'spring'`);
      expect((error as Error).message).toContain(remedy);
    }
  });

  it('no profile that is text', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'x');
    start({ exhausted: { action: 'dead-letter', headers: 'connect' } }, textOnly);
    await clock.advance(1_000);
    expect(letter('orders-billing-dlt')).toMatchObject({ profile: 'connect' });
  });

  it.each([
    { config: { retry: { headers: 'connect' } }, option: 'retry.headers' },
    { config: { retry: { headers: 'toString' } }, option: 'retry.headers' },
    { config: { exhausted: { action: 'dead-letter', headers: 'json' } }, option: 'exhausted.headers' },
    { config: { retry: { naming: 'spring' } }, option: 'retry.naming' },
    { config: { retry: { stackTraces: 'yes' } }, option: 'retry.stackTraces' },
    {
      config: { topics: ['x'.repeat(245)], retry: { tiers: ['5s'], naming: 'spring-index' } },
      option: 'retry.naming',
    },
    {
      config: { topics: ['orders', 'orders-retry-0'], retry: { tiers: ['5s'], naming: 'spring-index' } },
      option: 'topics',
    },
    {
      config: { topics: ['orders', 'orders-dlt'], retry: { naming: 'spring-index' } },
      option: 'exhausted.topic',
    },
  ])('a bad $option: $config', ({ config, option }) => {
    expect(() => start(config as unknown as Partial<ConsumerConfig>)).toThrow(
      expect.objectContaining({ code: 'VELO_INVALID_OPTION', message: expect.stringContaining(option) }),
    );
  });
});
