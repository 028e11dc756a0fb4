import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { originOf } from '../history/origin.js';
import { ALL_TOPICS } from '../plan/topics.js';
import type { StoredRecord } from './stored-record.js';

type EndsOf = (topic: string) => Promise<ReadonlyMap<number, number>>;

/** Without any record for so long, ms, the reading has failed. */
const SILENCE_LIMIT = 30_000;
/** How long a broker may hold a fetch, ms: kafkajs waits for it before it disconnects. */
const MAX_WAIT = 100;

/**
 * Reads topics from the first record to their ends, with kafkajs alone: committed records only.
 *
 * @param endsOf the end of each partition of a topic
 */
export async function readBack(
  kafka: Kafka,
  endsOf: EndsOf,
  topics: readonly string[] = ALL_TOPICS,
): Promise<StoredRecord[]> {
  const unread = new Map<string, number>();
  for (const topic of topics) {
    for (const [partition, end] of await endsOf(topic)) if (end > 0) unread.set(`${topic} ${partition}`, end);
  }
  const records: StoredRecord[] = [];
  if (unread.size === 0) return records;
  const consumer = kafka.consumer({
    groupId: `read-back-${randomUUID()}`,
    maxWaitTimeInMs: MAX_WAIT,
    retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const silence = setTimeout(
        () => reject(new Error(`the topics could not be read back: ${[...unread.keys()].join(', ')}`)),
        SILENCE_LIMIT,
      );
      const reached = (topic: string, partition: number, offset: string) => {
        const end = unread.get(`${topic} ${partition}`);
        if (end !== undefined && Number(offset) + 1 >= end) unread.delete(`${topic} ${partition}`);
        if (unread.size > 0) return;
        clearTimeout(silence);
        resolve();
      };
      // A batch of nothing but markers is not handed out.
      consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
        if (payload.batchSize === 0) reached(payload.topic, payload.partition, payload.lastOffset);
      });
      const run = consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          const { topic, partition, messages } = batch;
          silence.refresh();
          const end = unread.get(`${topic} ${partition}`);
          if (end === undefined) return;
          for (const message of messages) {
            if (Number(message.offset) < end) records.push(storedRecord(topic, partition, message));
          }
          reached(topic, partition, batch.lastOffset());
        },
      });
      run.catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return records;
}

/** Behind the last record that a reader sees, by `topic partition`. */
export async function visibleEnds(
  kafka: Kafka,
  endsOf: EndsOf,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const topic of topics)
    for (const partition of (await endsOf(topic)).keys()) ends.set(`${topic} ${partition}`, 0);
  for (const { topic, partition, offset } of topics.length > 0 ? await readBack(kafka, endsOf, topics) : []) {
    const key = `${topic} ${partition}`;
    ends.set(key, Math.max(ends.get(key) ?? 0, offset + 1));
  }
  return ends;
}

function storedRecord(topic: string, partition: number, message: KafkaMessage): StoredRecord {
  const { offset, value, headers } = message;
  const key = message.key?.toString() ?? '';
  const header = (name: string) => headers?.[name]?.toString();
  return {
    topic,
    partition,
    offset: Number(offset),
    key,
    value: value?.toString() ?? '',
    origin: originOf({ topic, partition, offset, key }, header),
    attempts: Number(header('velo-attempt') ?? ''),
    timestamp: Number(message.timestamp),
    reason: header('velo-reason') ?? '',
    message: header('velo-error-message') ?? '',
  };
}
