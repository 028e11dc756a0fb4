import type { CommittedOffset, OffsetRange, TopicPartition } from '@velo/retry-core/engine';
import type { Connection } from './connection.js';
import { unknownPartition } from './errors.js';
import type { KafkaJsAdmin } from './kafkajs-api.js';

/** The first offset that is still there, and the next one to be written, in the order asked. */
export async function offsets(
  admin: Connection<KafkaJsAdmin>,
  partitions: readonly TopicPartition[],
): Promise<readonly OffsetRange[]> {
  const found = new Map<string, { partition: number; high: string; low: string }[]>();
  const fetches = topicsOf(partitions).map(async (topic) => {
    found.set(topic, await admin.use((client) => client.fetchTopicOffsets(topic)));
  });
  await Promise.all(fetches);
  return partitions.map(({ topic, partition }) => {
    const { low, high } = pick(found.get(topic), topic, partition);
    return { earliest: Number(low), latest: Number(high) };
  });
}

/** What the group has committed, in the order asked; below 0 where there is no position. */
export async function committed(
  admin: Connection<KafkaJsAdmin>,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<readonly CommittedOffset[]> {
  if (partitions.length === 0) return [];
  const topics = await admin.use((client) => client.fetchOffsets({ groupId, topics: topicsOf(partitions) }));
  const found = new Map(topics.map((entry) => [entry.topic, entry.partitions]));
  return partitions.map(({ topic, partition }) => {
    const { offset, metadata } = pick(found.get(topic), topic, partition);
    return { offset: Number(offset), metadata: metadata ?? '' };
  });
}

function topicsOf(partitions: readonly TopicPartition[]): string[] {
  return [...new Set(partitions.map(({ topic }) => topic))];
}

function pick<T extends { partition: number }>(
  found: readonly T[] | undefined,
  topic: string,
  partition: number,
): T {
  const entry = found?.find((candidate) => candidate.partition === partition);
  if (entry === undefined) throw unknownPartition(topic, partition);
  return entry;
}
