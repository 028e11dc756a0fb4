import type { ClientBinding, CommittedOffset, OffsetRange, PartitionOffset } from './binding.js';
import type { ConsumerPlan } from './plan.js';
import {
  explainBeyondEnd,
  type KnownPosition,
  type ResetReason,
  resetOf,
  UNKNOWN,
} from './position-reset.js';
import { partitionKey, type TopicPartition } from './record.js';

/** Where a partition begins, or goes on. */
export interface StartPosition extends PartitionOffset {
  readonly metadata: string;
  /** All below it is done: another member has committed it. Not more than `offset`. */
  readonly done: number;
  /** It is not what is committed, so it must be committed itself before the first record is handled. */
  readonly fresh: boolean;
  /** The client, which goes by what is committed or to the earliest, must be told to go there. */
  readonly seek: boolean;
  /** What comes next is no longer in the log, or never was: it goes on at `offset`. */
  readonly outOfRange?: OutOfRange | undefined;
  /** What the member knows of the partition counts no more. */
  readonly reset?: { readonly reason: ResetReason; readonly from: number } | undefined;
}

interface OutOfRange {
  readonly from: number;
  readonly passedOver: number;
  readonly explanation?: string | undefined;
}

/**
 * How many partitions the topic had when the group began to read it, as commits carry it. A partition above that
 * number appeared later and is read from the earliest, whoever meets it first and whenever.
 */
const METADATA = /^velo:partitions=(\d{1,9})$/;

/** What kafkajs commits when an offset was out of range: go on at the earliest. */
const EARLIEST = -2;

/**
 * Where to begin: at the committed offset; at the earliest where the log no longer has that, or ends before it, since
 * nobody knows then what was missed. Without one, tiers and partitions that appeared later begin at the earliest, the
 * others as `startFrom` says. Where this member knows that there was one, the topic was made again or the offset deleted:
 * the whole topic begins at the earliest, whatever `startFrom` says.
 *
 * Where commits carry no metadata, whoever finds none of a topic's partitions committed is at the group's beginning and
 * commits all of them, those of other members too: without a commit is then what appeared later. Two members may begin
 * at once; what the other one has committed meanwhile stays, but between that look and the commit it may be put back to
 * where this member saw the end. And if another program has committed only some partitions of a topic for this group,
 * the rest of them are read from their beginning.
 *
 * @param known what this member knew of each partition when it came in doubt
 * @returns one position for each partition in the order asked, then those of other members that must be committed, too
 */
export async function startPositions(
  client: ClientBinding,
  plan: ConsumerPlan,
  partitions: readonly TopicPartition[],
  known: readonly KnownPosition[] = [],
): Promise<StartPosition[]> {
  const committed = await client.committed(plan.groupId, partitions);
  const beginning = partitions.filter((_, i) => (committed[i] as CommittedOffset).offset < 0);
  const begunBefore = new Set(
    partitions.filter((_, i) => isGone(known[i], committed[i])).map(({ topic }) => topic),
  );
  const initialCounts = await initialPartitionCounts(client, plan.groupId, beginning, begunBefore);
  const others = client.capabilities.offsetMetadata ? [] : begunByOthers(plan, partitions, initialCounts);
  const all = [...partitions, ...others];
  const ranges = await client.offsets(all);
  const positions = all.map((partition, i) =>
    startPosition(client, plan, partition, {
      known: known[i] ?? UNKNOWN,
      committed: committed[i] ?? NOTHING,
      range: ranges[i] as OffsetRange,
      initialCounts,
    }),
  );
  return others.length === 0 ? positions : withoutCommitted(client, plan.groupId, positions, committed);
}

interface Found {
  readonly known: KnownPosition;
  readonly committed: CommittedOffset;
  readonly range: OffsetRange;
  readonly initialCounts: ReadonlyMap<string, number>;
}

const NOTHING: CommittedOffset = { offset: -1, metadata: '' };

function isGone(known: KnownPosition = UNKNOWN, { offset }: CommittedOffset = NOTHING): boolean {
  return resetOf(known, offset, Number.POSITIVE_INFINITY) === 'offset-gone';
}

function startPosition(
  { capabilities }: ClientBinding,
  plan: ConsumerPlan,
  partition: TopicPartition,
  { known, committed: { offset, metadata }, range, initialCounts }: Found,
): StartPosition {
  const { topic } = partition;
  const reason = resetOf(known, offset, range.latest);
  const from = Math.max(known.committed, known.accepted);
  const common = { topic, partition: partition.partition, ...(reason && { reset: { reason, from } }) };
  if (offset >= 0) {
    const kept = known.opened && reason === undefined;
    const moved = offset < range.earliest || offset > range.latest;
    const there = moved ? range.earliest : offset;
    const next = kept ? Math.max(offset, known.accepted) : offset;
    const outOfRange = outOfRangeOf(plan.groupId, partition, next, range);
    return {
      ...common,
      offset: there,
      metadata,
      done: kept ? offset : there,
      fresh: moved,
      seek: moved || reason !== undefined,
      ...(outOfRange && { outOfRange }),
    };
  }
  const initialCount = initialCounts.get(topic) as number;
  const latest = beginsAtLatest(plan, topic) && partition.partition < initialCount && offset !== EARLIEST;
  const there = latest ? range.latest : range.earliest;
  return {
    ...common,
    offset: there,
    metadata: capabilities.offsetMetadata ? `velo:partitions=${initialCount}` : '',
    done: there,
    fresh: true,
    seek: latest || reason !== undefined,
  };
}

/** @param next what is to be read next */
function outOfRangeOf(
  groupId: string,
  partition: TopicPartition,
  next: number,
  { earliest, latest }: OffsetRange,
): OutOfRange | undefined {
  if (next < earliest) return { from: next, passedOver: earliest - next };
  if (next <= latest) return undefined;
  const explanation = explainBeyondEnd(groupId, partition, { from: next, to: earliest, latest });
  return { from: next, passedOver: 0, explanation };
}

function beginsAtLatest(plan: ConsumerPlan, topic: string): boolean {
  return plan.startFrom === 'latest' && plan.routes.get(topic)?.tier === 0;
}

/**
 * For each topic the least count that any of its commits carries, else the present one. Where commits carry none: the
 * present one if there is no commit, else 0, as what is without one appeared later. 0 where the group has begun before.
 */
async function initialPartitionCounts(
  client: ClientBinding,
  groupId: string,
  beginning: readonly TopicPartition[],
  begunBefore: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const topic of new Set(beginning.map((partition) => partition.topic))) {
    if (begunBefore.has(topic)) {
      counts.set(topic, 0);
      continue;
    }
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

/** Looks again: where another member was faster, its commit stays. The first ones are this member's. */
async function withoutCommitted(
  client: ClientBinding,
  groupId: string,
  positions: readonly StartPosition[],
  before: readonly CommittedOffset[],
): Promise<StartPosition[]> {
  const now = await client.committed(groupId, positions);
  return positions.flatMap((position, i) => {
    const { offset } = now[i] as CommittedOffset;
    const own = before[i];
    if ((own ?? NOTHING).offset >= 0 || offset < 0) return position;
    return own === undefined ? [] : { ...position, offset, done: offset, fresh: false, seek: true };
  });
}

function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
}
