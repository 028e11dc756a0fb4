import type { ClientBinding } from '../binding/binding.js';
import { partitionsOf, type TopicPartition } from '../binding/record.js';
import { readOffsetMetadata } from './offset-metadata.js';
import { type OwnOffset, positionOf } from './own-offset.js';
import type { Doubtful } from './position-reset.js';
import type { TopicIds } from './topic-ids.js';

/** How many partitions each topic had when the group began to read it, of those that have partitions without a commit; or why it is not known. */
export type InitialCounts = ReadonlyMap<string, PromiseSettledResult<number>>;

/** The count of its topic; 0 where it does not matter. @throws why it is not known */
export function countOf(counts: InitialCounts, { topic }: TopicPartition): number {
  const count = counts.get(topic);
  if (count?.status === 'rejected') throw count.reason;
  return count?.value ?? 0;
}

/**
 * For each topic the least count that any of its commits carries, else the present one. Where commits carry none: the
 * present one if there is no commit, else 0, as what is without one appeared later. 0 where the group has begun before.
 */
export async function initialPartitionCounts(
  client: ClientBinding,
  groupId: string,
  partitions: readonly Doubtful[],
  committed: readonly OwnOffset[],
  ids: TopicIds,
): Promise<InitialCounts> {
  const without = partitions.filter((_, i) => positionOf(committed[i]) === undefined);
  const gone = without.filter(({ known }) => known.committed >= 0);
  const begunBefore = new Set(gone.map(({ topic }) => topic));
  const topics = [...new Set(without.map(({ topic }) => topic))];
  const counts = await Promise.allSettled(
    topics.map(async (topic) =>
      begunBefore.has(topic) ? 0 : initialPartitionCount(client, groupId, topic, ids),
    ),
  );
  return new Map(topics.map((topic, i) => [topic, counts[i] as PromiseSettledResult<number>]));
}

async function initialPartitionCount(
  client: ClientBinding,
  groupId: string,
  topic: string,
  ids: TopicIds,
): Promise<number> {
  const count = await client.partitionCount(topic);
  const partitions = partitionsOf(topic, count);
  const answers = await client.committed(groupId, partitions);
  const known = answers.map((answer, i) => ids.own(partitions[i] as TopicPartition, answer));
  // The group had begun to read a topic of that name.
  if (known.some(({ former }) => former !== undefined)) return 0;
  const initial = client.capabilities.offsetMetadata
    ? known.map(({ metadata }) => readOffsetMetadata(metadata).partitions ?? count)
    : known.map(({ offset }) => (offset === -1 ? count : 0));
  return Math.min(count, ...initial);
}
