import { beforeEach, describe, expect, it } from 'vitest';
import { createVeloOn } from '../src/velo.js';
import { kafkaError, MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

const silent = { info() {}, warn() {}, error() {} };
let cluster: MemoryCluster;
const open = () =>
  createVeloOn(cluster.open, { env: {}, logger: silent }).producer({
    strategy: { kind: 'none', delay: () => 0 },
    timeout: '5s',
  });

beforeEach(() => {
  cluster = new MemoryCluster();
  cluster.create('orders', 3);
});

it('tells for each message where it was written, in the order of the messages', async () => {
  await using producer = open();
  const sent = await producer.send({
    topic: 'orders',
    messages: [
      { partition: 2, value: 'a' },
      { partition: 0, value: 'b' },
      { partition: 2, value: 'c' },
    ],
  });
  expect(sent).toEqual([
    { topic: 'orders', partition: 2, offset: '0' },
    { topic: 'orders', partition: 0, offset: '0' },
    { topic: 'orders', partition: 2, offset: '1' },
  ]);
});

it('equal keys go to equal partitions, as text and as bytes', async () => {
  await using producer = open();
  const sent = await producer.send({
    topic: 'orders',
    messages: [
      { key: 'foobar', value: 'a' },
      { key: Buffer.from('foobar'), value: 'b' },
    ],
  });
  expect(sent.map(({ partition }) => partition)).toEqual([
    (-790332482 & 0x7fffffff) % 3,
    (-790332482 & 0x7fffffff) % 3,
  ]);
});

it('messages without a key fill one partition a send, in turn', async () => {
  await using producer = open();
  const partitions: number[] = [];
  for (let i = 0; i < 4; i++) {
    const sent = await producer.send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }] });
    expect(new Set(sent.map(({ partition }) => partition)).size).toBe(1);
    partitions.push(sent[0]?.partition as number);
  }
  expect(partitions).toEqual([0, 1, 2, 0]);
});

it('a partition without a leader takes no message that could go elsewhere, and stands in no other’s way', async () => {
  cluster.leaderless.add('orders 1');
  await using producer = open();
  const partitions: (number | undefined)[] = [];
  for (let i = 0; i < 4; i++) {
    const sent = await producer.send({ topic: 'orders', messages: [{ value: 'a' }] });
    partitions.push(sent[0]?.partition);
  }
  expect(partitions).toEqual([0, 2, 0, 2]);
  const waiting = producer.send({ topic: 'orders', messages: [{ partition: 1, value: 'later' }] });
  await producer.send({ topic: 'orders', messages: [{ partition: 2, value: 'now' }] });
  cluster.leaderless.clear();
  expect(await waiting).toMatchObject([{ partition: 1 }]);
});

it('where no partition has a leader, messages wait for one', async () => {
  for (const partition of [0, 1, 2]) cluster.leaderless.add(`orders ${partition}`);
  await using producer = open();
  const waiting = producer.send({ topic: 'orders', messages: [{ value: 'a' }] });
  await new Promise((resolve) => setTimeout(resolve, 5));
  cluster.leaderless.clear();
  expect(await waiting).toMatchObject([{ partition: 0 }]);
});

it('sends only what failed again: a batch that fails in part doubles nothing', async () => {
  const failures = new Map([['1', 2]]);
  cluster.onPublish = ({ partition }) => {
    const left = failures.get(String(partition)) ?? 0;
    failures.set(String(partition), left - 1);
    return left > 0 ? kafkaError(6) : undefined;
  };
  await using producer = open();
  await producer.sendBatch({
    topicMessages: [{ topic: 'orders', messages: [0, 1, 2].map((partition) => ({ partition, value: 'x' })) }],
  });
  expect([0, 1, 2].map((partition) => cluster.values('orders', partition))).toEqual([['x'], ['x'], ['x']]);
});

it('rejects with what cannot pass, at once', async () => {
  let calls = 0;
  cluster.onPublish = () => {
    calls++;
    return kafkaError(10, 'too large');
  };
  await using producer = open();
  await expect(producer.send({ topic: 'orders', messages: [{ value: 'x' }] })).rejects.toThrow('too large');
  expect(calls).toBe(1);
});

it('waits for a topic that is still missing', async () => {
  await using producer = open();
  setTimeout(() => cluster.create('late'), 20);
  await producer.send({ topic: 'late', messages: [{ value: 'x' }] });
  expect(cluster.values('late')).toEqual(['x']);
});

it('sees a topic that has grown once a send to it fails', async () => {
  await using producer = open();
  await producer.send({ topic: 'orders', messages: [{ value: 'x' }] });
  cluster.create('orders', 4);
  await expect(
    producer.send({ topic: 'orders', messages: [{ partition: 4, value: 'x' }] }),
  ).rejects.toMatchObject({ code: 'VELO_INVALID_OPTION' });
  await producer.send({ topic: 'orders', messages: [{ partition: 3, value: 'x' }] });
  expect(cluster.values('orders', 3)).toEqual(['x']);
});

it.each([
  ['an object', { trace: 'a', more: ['b', Buffer.from('c')] }],
  [
    'entries',
    [
      ['trace', 'a'],
      ['more', 'b'],
      ['more', Buffer.from('c')],
    ] as const,
  ],
])('headers may be %s, and a name may come twice', async (_, headers) => {
  await using producer = open();
  await producer.send({ topic: 'orders', messages: [{ partition: 0, value: null, headers }] });
  expect(cluster.log('orders')[0]?.headers.map(([name, value]) => [name, String(value)])).toEqual([
    ['trace', 'a'],
    ['more', 'b'],
    ['more', 'c'],
  ]);
});

it('sends to one partition keep their order and go together, while one is under way', async () => {
  const writes: string[] = [];
  let release = () => {};
  cluster.onPublish = ({ value }) => {
    writes.push(String(value));
    return value === 'first' ? new Promise<void>((resolve) => (release = resolve)) : undefined;
  };
  await using producer = open();
  const first = producer.send({ topic: 'orders', messages: [{ partition: 0, value: 'first' }] });
  await new Promise((resolve) => setImmediate(resolve));
  const others = ['second', 'third'].map((value) =>
    producer.send({ topic: 'orders', messages: [{ partition: 0, value }] }),
  );
  await producer.send({ topic: 'orders', messages: [{ partition: 1, value: 'elsewhere' }] });
  expect(writes).toEqual(['first', 'elsewhere']);
  release();
  await Promise.all([first, ...others]);
  expect(cluster.values('orders')).toEqual(['first', 'second', 'third']);
});

it('gives up when its time is over, with the attempts and the last error', async () => {
  cluster.onPublish = () => kafkaError(6, 'no leader');
  const clock = new VirtualClock();
  const producer = createVeloOn(cluster.open, { env: {}, logger: silent, clock }).producer({
    strategy: { kind: 'short', delay: () => 5 },
    timeout: 30,
  });
  const sending = producer.send({ topic: 'orders', messages: [{ value: 'x' }] });
  const ended = expect(sending).rejects.toMatchObject({
    code: 'VELO_TIMEOUT',
    category: 'NetworkIssue',
    attempts: 6,
    elapsed: 30,
    cause: { message: 'no leader' },
  });
  await clock.advance(30);
  await ended;
  await producer.disconnect();
});

it('counts every send, failed or not', async () => {
  let failures = 2;
  cluster.onPublish = () => (failures-- > 0 ? kafkaError(6) : undefined);
  const velo = createVeloOn(cluster.open, { env: {}, logger: silent });
  await using producer = velo.producer({ strategy: { kind: 'none', delay: () => 0 } });
  await producer.send({ topic: 'orders', messages: [{ value: 'x' }] });
  expect(velo.metrics.snapshot()).toMatchObject({ attemptsTotal: 3, successesTotal: 1 });
});

it('disconnect() waits for what is under way', async () => {
  const producer = open();
  await producer.send({ topic: 'orders', messages: [] });
  const sending = producer.send({ topic: 'orders', messages: [{ partition: 0, value: 'x' }] });
  await producer.disconnect();
  await sending;
  expect(cluster.values('orders')).toEqual(['x']);
});

it('after disconnect() it says that it is closed', async () => {
  const producer = open();
  await producer.disconnect();
  await expect(producer.send({ topic: 'orders', messages: [] })).rejects.toMatchObject({
    code: 'VELO_CLOSED',
  });
  expect(cluster.openClients).toBe(0);
});

describe('connect', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  it('connects the client, and tries again where brokers are away for a while', async () => {
    let attempts = 0;
    cluster.onConnect = async () => {
      if (++attempts < 3) throw refused;
    };
    await using producer = open();
    await producer.connect();
    expect(attempts).toBe(3);
  });

  it('rejects within the timeout where brokers never answer', async () => {
    cluster.onConnect = () => new Promise(() => {});
    const velo = createVeloOn(cluster.open, { env: {}, logger: silent });
    await using producer = velo.producer({ timeout: 50 });
    await expect(producer.connect()).rejects.toMatchObject({ code: 'VELO_TIMEOUT' });
  });

  it('rejects at once where credentials are refused', async () => {
    const wrong = kafkaError(58, 'SASL authentication failed');
    let attempts = 0;
    cluster.onConnect = async () => {
      attempts++;
      throw wrong;
    };
    await using producer = open();
    await expect(producer.connect()).rejects.toBe(wrong);
    expect(attempts).toBe(1);
  });
});
