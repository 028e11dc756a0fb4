import { setImmediate as nextTurn } from 'node:timers/promises';
import * as library from '@platformatic/kafka';
import type { KafkaRecord, MemberSink, TopicPartition } from '@velo/engine';
import { until } from '@velo/testkit/binding';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FetchedBatch, FetchedBatches, FetchTopic } from '../src/api.js';
import type { Cluster } from '../src/connection/cluster.js';
import { memberConfig } from '../src/connection/member-config.js';
import { Fetcher } from '../src/fetching/fetcher.js';
import { UndecodedBatches } from '../src/fetching/undecoded-batches.js';
import { fetched } from './support.js';

const BROKER = { nodeId: 1, host: 'kafka', port: 9_092 };
const ORDERS = { topic: 'orders', partition: 0 };

/** A request that is under way. */
interface Fetch {
  /** Of the first partition. */
  readonly from: number;
  readonly partitions: readonly number[];
  /** How long the broker is to wait for records, ms. */
  readonly wait: number;
  /** So many records of the first partition, from there on. */
  answer(count: number): void;
  /** With bytes that are no batches. */
  spoil(): void;
}

let fetches: Fetch[];
let given: string[];
let failed: unknown[];
let onRecords: () => void;
let fetcher: Fetcher;

const batchOf = (from: number, count: number): FetchedBatch => ({
  firstOffset: BigInt(from),
  lastOffsetDelta: count - 1,
  firstTimestamp: 0n,
  maxTimestamp: 0n,
  attributes: 0,
  producerId: -1n,
  records: Array.from({ length: count }, (_, offsetDelta) => ({
    offsetDelta,
    timestampDelta: 0n,
    key: null,
    value: null,
    headers: [],
  })),
});

function ask(_broker: unknown, _name: unknown, args: readonly unknown[]): Promise<unknown> {
  const [topic] = args[6] as readonly FetchTopic[];
  const partitions = topic?.partitions.map(({ partition }) => partition) ?? [];
  const from = Number(topic?.partitions[0]?.fetchOffset);
  return new Promise((resolve) => {
    const give = (records: FetchedBatches | null) => {
      const partition = { errorCode: 0, partitionIndex: partitions[0], abortedTransactions: null, records };
      resolve({ errorCode: 0, responses: [{ topicId: 'orders', partitions: [partition] }] });
    };
    const answer = (count: number) => give(count === 0 ? null : fetched([batchOf(from, count)]));
    const spoil = () => give(new UndecodedBatches(library as never, Buffer.alloc(100)));
    fetches.push({ from, partitions, wait: args[0] as number, answer, spoil });
  });
}

const fetchNumber = async (n: number): Promise<Fetch> => {
  await until(() => fetches.length >= n);
  return fetches[n - 1] as Fetch;
};

beforeEach(() => {
  [fetches, given, failed] = [[], [], []];
  onRecords = () => {};
  const cluster = {
    config: { timeout: 1_000 },
    known: () => undefined,
    knownLeader: () => BROKER,
    describe: async () => new Map(),
    version: async () => 12,
    ask,
  } as unknown as Cluster;
  const sink = {
    records: (_topic: string, _partition: number, records: readonly KafkaRecord[]) => {
      onRecords();
      given.push(...records.map(({ offset }) => offset));
    },
    reached: () => {},
  } as unknown as MemberSink;
  const aside = { ...cluster } as Cluster;
  fetcher = new Fetcher(
    cluster,
    { main: cluster, aside },
    {
      config: memberConfig({ groupId: 'g', topics: ['orders'], client: {} } as never),
      whereToBegin: async (partitions) => partitions.map(() => 0),
      sink,
      onFailed: (error) => void failed.push(error),
    },
  );
  fetcher.assign([ORDERS]);
});
afterEach(() => fetcher.end());

it('the next fetch is on its way before records are given', async () => {
  let sent = 0;
  onRecords = () => {
    sent = fetches.length;
  };
  (await fetchNumber(1)).answer(3);
  expect((await fetchNumber(2)).from).toBe(3);
  await until(() => given.length > 0);
  expect(sent).toBe(2);
  expect(given).toEqual(['0', '1', '2']);
});

it('answers are given in the order of their offsets, however soon they come', async () => {
  for (let n = 1; n <= 20; n++) (await fetchNumber(n)).answer(2);
  await until(() => given.length === 40);
  expect(given).toEqual(Array.from({ length: 40 }, (_, offset) => String(offset)));
});

it('what was fetched before a seek is not given, nor what was asked for beyond it', async () => {
  (await fetchNumber(1)).answer(3);
  const second = await fetchNumber(2);
  fetcher.seek({ ...ORDERS, offset: 100 });
  second.answer(3);
  (await fetchNumber(3)).answer(1);
  await until(() => given.length > 0);
  await nextTurn();
  expect(given.filter((offset) => Number(offset) >= 3)).toEqual(['100']);
  expect(fetches[2]?.from).toBe(100);
});

it('a partition that is paused while its records are given is not asked for again', async () => {
  onRecords = () => fetcher.pause([ORDERS]);
  (await fetchNumber(1)).answer(3);
  (await fetchNumber(2)).answer(2);
  await until(() => given.length === 5);
  await nextTurn();
  expect(fetches).toHaveLength(2);
  fetcher.resume([ORDERS]);
  expect((await fetchNumber(3)).from).toBe(5);
});

it('records that cannot be given end the member: another one reads them again', async () => {
  onRecords = () => {
    throw new Error('no room');
  };
  (await fetchNumber(1)).answer(1);
  await until(() => failed.length > 0);
  expect(failed).toMatchObject([{ message: 'no room' }]);
});

it('what comes after the end is not given', async () => {
  const first = await fetchNumber(1);
  fetcher.end();
  first.answer(3);
  await nextTurn();
  await nextTurn();
  expect(given).toEqual([]);
});

it('bytes that are no batches end the member, and the error says of what', async () => {
  (await fetchNumber(1)).spoil();
  await until(() => failed.length > 0);
  expect(String(failed[0])).toContain('partition 0 of "orders" cannot be read: message format 0');
});

it('what becomes ready while a fetch waits for records is asked for aside, and soon together with it again', async () => {
  const [second, third] = [1, 2].map((partition) => ({ topic: 'orders', partition }));
  fetcher.assign([ORDERS, second, third] as TopicPartition[]);
  fetcher.pause([second, third] as TopicPartition[]);
  // What is under way is of the assignment before.
  (await fetchNumber(1)).answer(0);
  (await fetchNumber(2)).answer(0);
  const main = await fetchNumber(3);
  expect([main.partitions, main.wait]).toEqual([[0], 500]);
  fetcher.resume([second] as TopicPartition[]);
  const aside = await fetchNumber(4);
  expect([aside.partitions, aside.wait]).toEqual([[1], 20]);
  // A third one waits until that one is answered, which is soon.
  fetcher.resume([third] as TopicPartition[]);
  await nextTurn();
  expect(fetches).toHaveLength(4);
  aside.answer(0);
  const both = await fetchNumber(5);
  expect([both.partitions, both.wait]).toEqual([[1, 2], 20]);
  main.answer(0);
  await nextTurn();
  expect(fetches).toHaveLength(5);
  both.answer(0);
  const all = await fetchNumber(6);
  expect([[...all.partitions].sort(), all.wait]).toEqual([[0, 1, 2], 500]);
});

it('a fetch aside that is not answered holds nothing up for longer than half a second', async () => {
  const second = { topic: 'orders', partition: 1 };
  fetcher.assign([ORDERS, second]);
  fetcher.pause([second]);
  (await fetchNumber(1)).answer(0);
  (await fetchNumber(2)).answer(0);
  const main = await fetchNumber(3);
  fetcher.resume([second]);
  expect((await fetchNumber(4)).partitions).toEqual([1]);
  main.answer(1);
  const next = await fetchNumber(5);
  expect([next.partitions, next.from, next.wait]).toEqual([[0], 1, 500]);
});
