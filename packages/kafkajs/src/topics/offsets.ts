import type { CommittedOffset, OffsetRange, TopicPartition } from '@velo/engine';
import type { KafkaJsAdmin } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { noLeader, unknownPartition } from '../errors.js';
import { partitionCount } from './topics.js';

/** The first offset that is still there, and the next one to be written: an answer for each partition, in the order asked. */
export function offsets(
  admin: Connection<KafkaJsAdmin>,
  partitions: readonly TopicPartition[],
): readonly Promise<OffsetRange>[] {
  const fetches = new Map(
    topicsOf(partitions).map((topic) => [topic, admin.use((client) => client.fetchTopicOffsets(topic))]),
  );
  return partitions.map(async ({ topic, partition }) => {
    const range = find(await fetches.get(topic), partition) ?? (await unanswered(admin, topic, partition));
    return { earliest: Number(range.low), latest: Number(range.high) };
  });
}

/** kafkajs leaves out what has no leader that answers, as well as what is not there. */
async function unanswered(admin: Connection<KafkaJsAdmin>, topic: string, partition: number): Promise<never> {
  throw partition < (await partitionCount(admin, topic))
    ? noLeader(topic, partition)
    : unknownPartition(topic, partition);
}

/** kafkajs commits it by itself where an offset was out of range: go on at the earliest. */
const EARLIEST = -2;

/** What the group has committed, in the order asked. */
export async function committed(
  admin: Connection<KafkaJsAdmin>,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<readonly CommittedOffset[]> {
  if (partitions.length === 0) return [];
  const topics = await admin.use((client) => client.fetchOffsets({ groupId, topics: topicsOf(partitions) }));
  const found = new Map(topics.map((entry) => [entry.topic, entry.partitions]));
  return partitions.map(({ topic, partition }) => {
    const entry = find(found.get(topic), partition);
    if (entry === undefined) throw unknownPartition(topic, partition);
    const { offset, metadata } = entry;
    const committed = Number(offset);
    return { offset: committed === EARLIEST ? 'earliest' : committed, metadata: metadata ?? '' };
  });
}

function topicsOf(partitions: readonly TopicPartition[]): string[] {
  return [...new Set(partitions.map(({ topic }) => topic))];
}

function find<T extends { partition: number }>(
  found: readonly T[] | undefined,
  partition: number,
): T | undefined {
  return found?.find((candidate) => candidate.partition === partition);
}
