import type { IHeaders, Kafka } from 'kafkajs';
import { uniqueName } from '../../support/names.js';
import { until } from '../../support/until.js';

export interface ReadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since 1970 */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly text: string | null;
  /** The last value of each name. */
  readonly headers: Readonly<Record<string, string | null>>;
  /** As kafkajs gives them. */
  readonly rawHeaders: IHeaders;
}

/** As kafkajs tells it. */
export interface PartitionRange {
  readonly partition: number;
  readonly low: string;
  readonly high: string;
}

/** Reads a topic from its beginning to its present end, with a group of its own. */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  ranges: () => Promise<readonly PartitionRange[]>,
): Promise<readonly ReadRecord[]> {
  const ends = new Map<number, number>();
  for (const { partition, low, high } of await ranges()) {
    if (Number(high) > Number(low)) ends.set(partition, Number(high));
  }
  if (ends.size === 0) return [];
  const records: ReadRecord[] = [];
  const consumer = kafka.consumer({
    groupId: uniqueName('Reader'),
    maxWaitTimeInMs: 50,
    heartbeatInterval: 500,
  });
  // A batch of markers alone is not handed out, but this event tells of it.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
    reached(payload.partition, payload.lastOffset),
  );
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) reached(payload.partition, payload.lastOffset);
  });
  const reached = (partition: number, lastOffset: string) => {
    if (Number(lastOffset) + 1 >= (ends.get(partition) ?? 0)) ends.delete(partition);
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const { offset, timestamp, key, value, headers = {} } = message;
        records.push({
          topic,
          partition,
          offset: Number(offset),
          timestamp: Number(timestamp),
          key,
          value,
          text: value?.toString() ?? null,
          headers: lastValues(headers),
          rawHeaders: headers,
        });
      },
    });
    await until(`${topic} has been read to its end`, () => ends.size === 0, { seen: () => [...ends] });
  } finally {
    await consumer.disconnect();
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

function lastValues(headers: IHeaders): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      return [name, last?.toString() ?? null];
    }),
  );
}
