import type { ClientBinding, CommittedOffset, OffsetRange, PartitionOffset } from './binding.js';
import type { ConsumerPlan } from './plan.js';
import { partitionKey, type TopicPartition } from './record.js';

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

/** What kafkajs commits when an offset was out of range: go on at the earliest. */
const EARLIEST = -2;

/**
 * Where to begin: at the committed offset, or where the log still reaches nearest to it; without one, tiers and
 * partitions that appeared later at the earliest, the others as `startFrom` says.
 *
 * Where commits carry no metadata, whoever finds none of a topic's partitions committed is at the group's beginning and
 * commits all of them, those of other members too: without a commit is then what appeared later. Two members may begin
 * at once; what the other one has committed meanwhile stays, but between that look and the commit it may be put back to
 * where this member saw the end. And if another program has committed only some partitions of a topic for this group,
 * the rest of them are read from their beginning.
 *
 * @returns one position for each partition in the order asked, then those of other members that must be committed, too
 */
export async function startPositions(
  client: ClientBinding,
  plan: ConsumerPlan,
  partitions: readonly TopicPartition[],
): Promise<StartPosition[]> {
  const committed = await client.committed(plan.groupId, partitions);
  const beginning = partitions.filter((_, i) => (committed[i] as CommittedOffset).offset < 0);
  const initialCounts = await initialPartitionCounts(client, plan.groupId, beginning);
  const others = client.capabilities.offsetMetadata ? [] : begunByOthers(plan, partitions, initialCounts);
  const all = [...partitions, ...others];
  const ranges = await client.offsets(all);
  const positions = all.map((partition, i) =>
    startPosition(client, plan, partition, committed[i], ranges[i] as OffsetRange, initialCounts),
  );
  return others.length === 0
    ? positions
    : withoutCommitted(client, plan.groupId, positions, partitions.length);
}

function startPosition(
  { capabilities }: ClientBinding,
  plan: ConsumerPlan,
  { topic, partition }: TopicPartition,
  { offset, metadata }: CommittedOffset = { offset: -1, metadata: '' },
  range: OffsetRange,
  initialCounts: ReadonlyMap<string, number>,
): StartPosition {
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
  const latest = beginsAtLatest(plan, topic) && partition < initialCount && offset !== EARLIEST;
  return {
    topic,
    partition,
    offset: latest ? range.latest : range.earliest,
    metadata: capabilities.offsetMetadata ? `velo:partitions=${initialCount}` : '',
    fresh: true,
    seek: latest,
  };
}

function beginsAtLatest(plan: ConsumerPlan, topic: string): boolean {
  return plan.startFrom === 'latest' && plan.routes.get(topic)?.tier === 0;
}

/**
 * For each topic the least count that any of its commits carries, else the present one. Where commits carry none: the
 * present one if there is no commit, else 0, as what is without one appeared later.
 */
async function initialPartitionCounts(
  client: ClientBinding,
  groupId: string,
  beginning: readonly TopicPartition[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const topic of new Set(beginning.map((partition) => partition.topic))) {
    const count = await client.partitionCount(topic);
    const known = await client.committed(groupId, partitionsOf(topic, count));
    const initial = client.capabilities.offsetMetadata
      ? known.map(({ metadata }) => Number(METADATA.exec(metadata)?.[1] ?? count))
      : known.map(({ offset }) => (offset >= 0 || offset === EARLIEST ? 0 : count));
    counts.set(topic, Math.min(count, ...initial));
  }
  return counts;
}

/** The partitions of other members in the topics that the group begins with `partitions` at their latest. */
function begunByOthers(
  plan: ConsumerPlan,
  partitions: readonly TopicPartition[],
  initialCounts: ReadonlyMap<string, number>,
): TopicPartition[] {
  const own = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)));
  return [...initialCounts]
    .filter(([topic]) => beginsAtLatest(plan, topic))
    .flatMap(([topic, count]) => partitionsOf(topic, count))
    .filter(({ topic, partition }) => !own.has(partitionKey(topic, partition)));
}

/** Looks again: where another member was faster, its commit stays. The first `own` positions are this member's. */
async function withoutCommitted(
  client: ClientBinding,
  groupId: string,
  positions: readonly StartPosition[],
  own: number,
): Promise<StartPosition[]> {
  const now = await client.committed(groupId, positions);
  return positions.flatMap((position, i) => {
    const { offset } = now[i] as CommittedOffset;
    if (!position.fresh || position.outOfRange !== undefined || offset < 0) return position;
    return i < own ? { ...position, offset, fresh: false, seek: true } : [];
  });
}

function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
}
