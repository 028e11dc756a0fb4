import type { ClientBinding, CommittedOffset, OffsetRange, PartitionOffset } from './binding.js';
import type { ConsumerPlan } from './plan.js';
import type { TopicPartition } from './record.js';

/** Where a partition begins. */
export interface StartPosition extends PartitionOffset {
  readonly metadata: string;
  /** It is not what is committed, so it must be committed itself before the first record is handled. */
  readonly fresh: boolean;
  /** The client, which goes by what is committed or to the earliest, must be told to go there. */
  readonly seek: boolean;
  /** The committed offset is no longer in the log: it was deleted, or the log was cut off before it. */
  readonly outOfRange?: number;
}

/**
 * How many partitions the topic had when the group began to read it, as commits carry it. A partition above that
 * number appeared later and is read from the earliest, whoever meets it first and whenever.
 */
const METADATA = /^velo:partitions=(\d{1,9})$/;

/**
 * Where to begin: at the committed offset, or where the log still reaches nearest to it; without one, tiers and partitions that appeared later at the earliest,
 * the others as `startFrom` says.
 */
export async function startPositions(
  client: ClientBinding,
  plan: ConsumerPlan,
  partitions: readonly TopicPartition[],
): Promise<StartPosition[]> {
  const committed = await client.committed(plan.groupId, partitions);
  const at = (i: number) => committed[i] as CommittedOffset;
  const fresh = partitions.filter((_, i) => at(i).offset < 0);
  const initialCounts = await initialPartitionCounts(client, plan.groupId, fresh);
  const ranges = await client.offsets(partitions);
  return partitions.map(({ topic, partition }, i) => {
    const { offset, metadata } = at(i);
    const range = ranges[i] as OffsetRange;
    if (offset >= 0) {
      const there = Math.min(Math.max(offset, range.earliest), range.latest);
      const moved = there !== offset;
      return {
        topic,
        partition,
        offset: there,
        metadata,
        fresh: moved,
        seek: moved,
        ...(moved && { outOfRange: offset }),
      };
    }
    const initialCount = initialCounts.get(topic) as number;
    // -2 is what kafkajs commits when an offset was out of range: go on at the earliest.
    const latest =
      plan.routes.get(topic)?.tier === 0 &&
      plan.startFrom === 'latest' &&
      partition < initialCount &&
      offset !== -2;
    return {
      topic,
      partition,
      offset: latest ? range.latest : range.earliest,
      metadata: client.capabilities.offsetMetadata ? `velo:partitions=${initialCount}` : '',
      fresh: true,
      seek: latest,
    };
  });
}

/** For each topic: the least count that any of its commits carries, else the present one. */
async function initialPartitionCounts(
  client: ClientBinding,
  groupId: string,
  fresh: readonly TopicPartition[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const topic of new Set(fresh.map((partition) => partition.topic))) {
    const count = await client.partitionCount(topic);
    const all = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
    const known = (await client.committed(groupId, all)).map(({ metadata }) =>
      Number(METADATA.exec(metadata)?.[1] ?? count),
    );
    counts.set(topic, Math.min(count, ...known));
  }
  return counts;
}
