import type { PartitionOffset } from '@velo/engine';
import type { OffsetToCommit } from '../api.js';
import { checkMember } from '../errors.js';
import { byTopic } from './by-topic.js';

/** What the brokers know a member by: they refuse what comes under a former one. */
export interface Generation {
  readonly generationId: number;
  readonly memberId: string;
  readonly instanceId: string | null;
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
  instanceId: string | null,
): void {
  for (const { name, partitions } of topics)
    for (const { partitionIndex, errorCode } of partitions)
      checkMember(
        errorCode,
        groupId,
        instanceId,
        `partition ${partitionIndex} of "${name}" in group "${groupId}"`,
      );
}
