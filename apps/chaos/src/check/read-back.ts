import { randomUUID } from 'node:crypto';
import { originOf } from '../history/origin.js';
import { ALL_TOPICS } from '../plan/topics.js';
import type { StoredRecord } from './stored-record.js';

/** librdkafka's properties that lead to the brokers. */
type Connection = Readonly<Record<string, string>>;
type EndsOf = (topic: string) => Promise<ReadonlyMap<number, number>>;

/** Without any record for so long, ms, the reading has failed. */
const SILENCE_LIMIT = 30_000;

/** What node-rdkafka hands out. */
interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp?: number | undefined;
  readonly key?: Buffer | string | null | undefined;
  readonly value: Buffer | null;
  readonly headers?: undefined | readonly Readonly<Record<string, Buffer | string>>[];
}

/**
 * Reads topics from the first record to their ends, with librdkafka alone: committed records only. (kafkajs shows some of
 * transactions that were undone.)
 *
 * @param endsOf the end of each partition of a topic
 */
export async function readBack(
  connection: Connection,
  endsOf: EndsOf,
  topics: readonly string[] = ALL_TOPICS,
): Promise<StoredRecord[]> {
  const unread = new Map<string, number>();
  const assignment: { topic: string; partition: number; offset: number }[] = [];
  for (const topic of topics) {
    for (const [partition, end] of await endsOf(topic)) {
      if (end === 0) continue;
      unread.set(`${topic} ${partition}`, end);
      assignment.push({ topic, partition, offset: 0 });
    }
  }
  const records: StoredRecord[] = [];
  if (unread.size === 0) return records;
  const { default: library } = await import('node-rdkafka');
  const consumer = new library.KafkaConsumer(
    {
      ...connection,
      'group.id': `read-back-${randomUUID()}`,
      'enable.auto.commit': false,
      'enable.partition.eof': true,
      'isolation.level': 'read_committed',
    },
    { 'auto.offset.reset': 'earliest' },
  );
  try {
    await new Promise<void>((resolve, reject) => {
      const silence = setTimeout(
        () => reject(new Error(`the topics could not be read back: ${[...unread.keys()].join(', ')}`)),
        SILENCE_LIMIT,
      );
      const reached = (topic: string, partition: number, next: number) => {
        const key = `${topic} ${partition}`;
        if (next >= (unread.get(key) ?? Number.POSITIVE_INFINITY)) unread.delete(key);
        if (unread.size > 0) return;
        clearTimeout(silence);
        resolve();
      };
      consumer.on('event.error', () => {});
      // Behind the last record there may be markers, which are not handed out.
      consumer.on('partition.eof', ({ topic, partition, offset }) => reached(topic, partition, offset));
      consumer.on('data', (message) => {
        const { topic, partition, offset } = message;
        silence.refresh();
        const end = unread.get(`${topic} ${partition}`);
        if (end !== undefined && offset < end) records.push(storedRecord(message));
        reached(topic, partition, offset + 1);
      });
      consumer.connect({}, (error) => {
        if (error) {
          clearTimeout(silence);
          reject(error);
          return;
        }
        consumer.assign(assignment);
        consumer.consume();
      });
    });
  } finally {
    await new Promise<void>((resolve) => consumer.disconnect(() => resolve()));
  }
  return records;
}

/** Behind the last record that a reader sees, by `topic partition`. */
export async function visibleEnds(
  connection: Connection,
  endsOf: EndsOf,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const topic of topics)
    for (const partition of (await endsOf(topic)).keys()) ends.set(`${topic} ${partition}`, 0);
  for (const { topic, partition, offset } of topics.length > 0
    ? await readBack(connection, endsOf, topics)
    : []) {
    const key = `${topic} ${partition}`;
    ends.set(key, Math.max(ends.get(key) ?? 0, offset + 1));
  }
  return ends;
}

function storedRecord({
  topic,
  partition,
  offset,
  timestamp,
  key: rawKey,
  value,
  headers = [],
}: Message): StoredRecord {
  const key = rawKey?.toString() ?? '';
  const header = (name: string) => headers.find((one) => name in one)?.[name]?.toString();
  return {
    topic,
    partition,
    offset,
    key,
    value: value?.toString() ?? '',
    origin: originOf({ topic, partition, offset, key }, header),
    attempts: Number(header('velo-attempt') ?? ''),
    timestamp: timestamp ?? 0,
    reason: header('velo-reason') ?? '',
    message: header('velo-error-message') ?? '',
  };
}
