import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { createVeloOn, type Velo } from '../src/velo.js';
import { MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

const silent = { info() {}, warn() {}, error() {} };
const cluster = new MemoryCluster();
const clock = new VirtualClock();

let velo: Velo;

beforeEach(() => {
  velo = createVeloOn(cluster.open, { clock, env: {}, logger: silent });
});

afterEach(() => velo.close());

const consumer = (config: object) =>
  velo.consumer({ groupId: 'billing', topics: ['orders'], handler: () => {}, ...config } as ConsumerConfig);

describe('a name that nobody reads is refused, and the nearest is named', () => {
  it.each<[object, string, string]>([
    [{ retires: {} }, 'retires', 'retry'],
    [{ retry: { inplace: { maxAttempts: 1 } } }, 'retry.inplace', 'retry.inPlace'],
    [{ retry: { inPlace: { attempts: 1 } } }, 'retry.inPlace.attempts', 'retry.inPlace.maxAttempts'],
    [{ tiers: ['5s'] }, 'tiers', 'retry.tiers'],
    [{ exhausted: { action: 'skip', topics: 'x' } }, 'exhausted.topics', 'exhausted.topic'],
    [{ topology: { created: 'never' } }, 'topology.created', 'topology.create'],
    [{ buffer: { byte: 1 } }, 'buffer.byte', 'buffer.bytes'],
    [{ topics: { orders: { handlerTimeOut: '1s' } } }, 'handlerTimeOut', 'handlerTimeout'],
    [{ topics: { orders: { startFrom: 'earliest' } } }, 'startFrom', ''],
  ])('of a consumer: %j', (config, name, nearest) => {
    const make = () => consumer(config);
    expect(make).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
    expect(make).toThrow(`"${name}"`);
    expect(make).toThrow(`Did you mean "${nearest}`);
  });

  it.each([
    ['deadletter', 'deadLetter'],
    ['dlq', 'dead'],
    ['toString', 'stopped'],
    ['crash', 'crashed'],
  ])('of an event: %s', (event) => {
    expect(() => consumer({}).on(event as never, () => {})).toThrow(
      expect.objectContaining({
        code: 'VELO_INVALID_OPTION',
        message: expect.stringContaining(`A consumer has no event "${event}"`),
      }),
    );
  });

  it('names the event that was meant', () => {
    expect(() => consumer({}).on('deadletter' as never, () => {})).toThrow('Did you mean "deadLetter"?');
  });

  it('of a listener that is none', () => {
    expect(() => consumer({}).on('deadLetter', undefined as never)).toThrow("the listener of 'deadLetter'");
  });

  it('of velo itself, of a producer, of topics to make and to wait for', async () => {
    expect(() => createVeloOn(cluster.open, { loger: silent } as object)).toThrow('Did you mean "logger"?');
    expect(() => velo.producer({ timeOut: '1s' } as object)).toThrow('Did you mean "timeout"?');
    const topics = [{ topic: 'orders', partition: 3 }];
    await expect(velo.ensureTopics(topics as never)).rejects.toThrow('Did you mean "partitions"?');
    await expect(velo.waitForTopic('orders', { time: 1 } as object)).rejects.toThrow(
      'Did you mean "timeout"?',
    );
  });

  it('of a property, where velo is to be strict; else it is a warning', () => {
    const properties = { 'topic.retry.intervall': '1s' };
    const warnings: string[] = [];
    const logger = { ...silent, warn: (text: string) => void warnings.push(text) };
    const make = (strict: boolean) => () =>
      createVeloOn(cluster.open, { env: {}, properties, strict, logger });
    expect(make(true)).toThrow('did you mean "topic.retry.interval"?');
    make(false)();
    expect(warnings).toEqual([expect.stringContaining('did you mean "topic.retry.interval"?')]);
  });
});

it('a consumer without a configuration is told so', () => {
  expect(() => velo.consumer(undefined as never)).toThrow(
    expect.objectContaining({ code: 'VELO_INVALID_OPTION' }),
  );
});

describe('what is of another kind is refused before anything is begun', () => {
  it.each<[object, string]>([
    [{ topics: 'orders' }, 'topics is "orders", but must be a list'],
    [{ topics: [] }, 'topics is []'],
    [{ topics: { orders: '5s' } }, 'the policy of topic "orders" takes an object'],
    [{ retry: '5s' }, 'retry of consumer() takes an object, of inPlace, tiers'],
    [{ retry: { inPlace: 3 } }, 'retry.inPlace of consumer() takes an object, of maxAttempts, strategy'],
    [{ retry: { tiers: '5s' } }, 'retry.tiers is "5s", but must be a list'],
    [{ exhausted: 'skip' }, 'exhausted of consumer() takes an object'],
  ])('of a consumer: %j', (config, message) => {
    expect(() => consumer(config)).toThrow(
      expect.objectContaining({ code: 'VELO_INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    { topics: 'orders', message: 'ensureTopics() makes is "orders", but must be a list' },
    { topics: { topic: 'orders' }, message: 'must be a list' },
    { topics: ['orders'], message: 'a topic of ensureTopics() takes an object, of topic' },
  ])('of topics to make: $topics', async ({ topics, message }) => {
    await expect(velo.ensureTopics(topics as never)).rejects.toThrow(message);
  });

  it.each([
    { record: 'orders', message: 'send() takes an object' },
    { record: { topik: 'orders', messages: [] }, message: 'Did you mean "topic"?' },
    { record: { messages: [] }, message: 'topic is undefined' },
    { record: { topic: 'orders', message: { value: 'x' } }, message: 'Did you mean "messages"?' },
    { record: { topic: 'orders', messages: 'x' }, message: 'messages is "x", but must be a list' },
    { record: { topic: 'orders', messages: ['x'] }, message: 'a message is "x", but must be an object' },
    { record: { topic: 'orders', messages: [{ vaule: 'x' }] }, message: 'value of a message is undefined' },
    ...[
      { slip: { header: { a: 'b' } }, meant: 'headers' },
      { slip: { Key: 'k' }, meant: 'key' },
      { slip: { keys: 'k' }, meant: 'key' },
      { slip: { partion: 1 }, meant: 'partition' },
      { slip: { timeStamp: 1 }, meant: 'timestamp' },
    ].map(({ slip, meant }) => ({
      record: { topic: 'orders', messages: [{ value: 'x' }, { value: 'y', ...slip }] },
      message: `Did you mean "${meant}"?`,
    })),
  ])('of what is sent: $record', async ({ record, message }) => {
    cluster.create('orders');

    await expect(velo.producer().send(record as never)).rejects.toThrow(
      expect.objectContaining({ code: 'VELO_INVALID_OPTION', message: expect.stringContaining(message) }),
    );

    expect(cluster.log('orders')).toEqual([]);
  });

  it('and what a record has beside them is let through', async () => {
    cluster.create('orders');
    const read = {
      topic: 'bills',
      partition: 0,
      offset: '7',
      timestamp: 1,
      key: null,
      value: Buffer.from('x'),
    };
    const beside = { ...read, headers: {}, header: 'mine', size: 1, attributes: 0, kid: 'x', id: 'y' };
    await velo.producer().send({ topic: 'orders', messages: [beside] });
    expect(cluster.log('orders')).toHaveLength(1);
  });
});
