import type { PartitionOffset } from '@velo/engine';
import type { OffsetToCommit } from '../api.js';
import { type Cluster, GROUP } from '../connection/cluster.js';
import { check } from '../errors.js';
import { byTopic } from '../topics/topics.js';
import type { Generation } from './session.js';

/** Under that generation: the brokers refuse it once another one has begun. Rejects, or is made. */
export async function commitOffsets(
  cluster: Cluster,
  groupId: string,
  { generationId, memberId, instanceId }: Generation,
  offsets: readonly PartitionOffset[],
): Promise<void> {
  const { topics } = await cluster.askCoordinator(
    GROUP,
    groupId,
    'offsetCommit',
    [groupId, generationId, memberId, instanceId, offsetsByTopic(offsets)],
    (answer) => answer.topics[0]?.partitions[0]?.errorCode ?? 0,
  );
  checkCommitted(topics, groupId);
}

export function offsetsByTopic(
  offsets: readonly PartitionOffset[],
): readonly { readonly name: string; readonly partitions: readonly OffsetToCommit[] }[] {
  return byTopic(offsets, ({ partition, offset, metadata = '' }) => ({
    partitionIndex: partition,
    committedOffset: BigInt(offset),
    committedLeaderEpoch: -1 as const,
    committedMetadata: metadata,
  }));
}

/** @throws if the broker has refused one of them */
export function checkCommitted(
  topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
  }[],
  groupId: string,
): void {
  for (const { name, partitions } of topics)
    for (const { partitionIndex, errorCode } of partitions)
      check(errorCode, `partition ${partitionIndex} of "${name}" in group "${groupId}"`);
}
