import type { ClientBinding, OffsetRange, PartitionOffset } from '../binding/binding.js';
import { partitionKey, partitionsOf, type TopicPartition } from '../binding/record.js';
import type { ResetReason } from '../observing/events.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { OffsetSpan } from './finished-ahead.js';
import { countOf, type InitialCounts, initialPartitionCounts } from './initial-counts.js';
import { readFinishedAhead, readOffsetMetadata, writeOffsetMetadata } from './offset-metadata.js';
import { NOTHING, type OwnOffset, positionOf } from './own-offset.js';
import { type Doubtful, explainBeyondEnd, resetOf, UNKNOWN } from './position-reset.js';
import { TopicIds } from './topic-ids.js';

/** Where a partition begins, or goes on. */
export interface StartPosition extends PartitionOffset {
  readonly metadata: string;
  /** Of the topic that it is a position of; `undefined` where nobody tells it. */
  readonly topicId?: string | undefined;
  /** Records below this offset are done: another member has committed that. Not more than `offset`. */
  readonly done: number;
  /** What has finished beyond it, as the commit tells. */
  readonly finishedAhead?: readonly OffsetSpan[] | undefined;
  /** This position is not committed yet. It must be, before the first record is handled. */
  readonly fresh: boolean;
  /** The client must be told to seek there: by itself it begins at the committed offset, or at the earliest. */
  readonly seek: boolean;
  /** The offset that came next is no longer in the log, or never was: the partition goes on at `offset`. */
  readonly outOfRange?: OutOfRange | undefined;
  /** What the member knows of the partition counts no more. */
  readonly reset?: { readonly reason: ResetReason; readonly from: number } | undefined;
}

interface OutOfRange {
  readonly from: number;
  readonly passedOver: number;
  readonly explanation?: string | undefined;
}

/** Partitions whose positions are found out and committed together. */
export interface Beginning<P> {
  readonly of: readonly P[];
  /** One for each of them, then those of other members that must be committed, too. */
  readonly positions: Promise<readonly StartPosition[]>;
}

/** Where other groups have got to whose work this one takes over, by partition keys. */
export type Inherit = (partitions: readonly TopicPartition[]) => Promise<ReadonlyMap<string, number>>;

/**
 * Where to begin: at the committed offset; at the earliest where the log no longer has that, or ends before it, since
 * nobody knows then what was missed. A commit that carries another topic's id is none. Without one, tiers begin where another group has got to
 * whose work is taken over, else at the earliest, as partitions do that appeared later; the others as `startFrom` says. Where
 * there was one, as this member or a commit tells, the topic was made again or the offset deleted: the whole topic begins at
 * the earliest, whatever `startFrom` says.
 *
 * Each partition begins by itself, so that one whose leader is away holds up no other. But where commits carry no
 * metadata, whoever finds none of a topic's partitions committed is at the group's beginning and commits all of them at
 * once, those of other members too: without a commit is then what appeared later. Two members may begin at once; what the
 * other one has committed meanwhile stays, but between that look and the commit it may be put back to where this member
 * saw the end. And if another program has committed only some partitions of a topic for this group, the rest of them are
 * read from their beginning.
 *
 * @throws what the group's coordinator fails with; what a leader fails with rejects its `positions`
 */
export async function startPositions<P extends Doubtful>(
  client: ClientBinding,
  plan: ConsumerPlan,
  partitions: readonly P[],
  inherit: Inherit = async () => new Map(),
): Promise<readonly Beginning<P>[]> {
  const ids = await TopicIds.ask(client, partitions);
  const answers = await client.committed(plan.groupId, partitions);
  const committed = answers.map((answer, i) => ids.own(partitions[i] as P, answer));
  const inherited = await inherit(partitions.filter((_, i) => (committed[i] ?? NOTHING).offset === -1));
  const counts = await initialPartitionCounts(client, plan.groupId, partitions, committed, ids);
  const ranges = client.offsets(partitions);
  const begin = async (index: number): Promise<StartPosition> => {
    const partition = partitions[index] as P;
    const range = await (ranges[index] as Promise<OffsetRange>);
    await ids.confirm(partition.topic);
    return startPosition(client, plan, partition, {
      committed: committed[index] ?? NOTHING,
      topicId: ids.of(partition.topic),
      range,
      initialCount: countOf(counts, partition),
      inherited: inherited.get(partitionKey(partition.topic, partition.partition)),
    });
  };
  const together = new Map<string | number, number[]>();
  for (const [index, partition] of partitions.entries()) {
    const key = isGroupsBeginning(client, plan, counts, partition) ? partition.topic : index;
    together.set(key, [...(together.get(key) ?? []), index]);
  }
  return [...together].map(([key, indexes]) => {
    const of = indexes.map((index) => partitions[index] as P);
    const positions = Promise.all(indexes.map(begin));
    const whole = typeof key === 'string';
    return { of, positions: whole ? withOthers(client, plan, of, counts, positions) : positions };
  });
}

interface Found {
  readonly committed: OwnOffset;
  readonly topicId: string | undefined;
  readonly range: OffsetRange;
  readonly initialCount: number;
  /** Where another group has got to. */
  readonly inherited?: number | undefined;
}

/** Nothing of the topic is committed, and nothing that would tell later when the group began. */
function isGroupsBeginning(
  { capabilities }: ClientBinding,
  plan: ConsumerPlan,
  counts: InitialCounts,
  { topic }: TopicPartition,
): boolean {
  const count = counts.get(topic);
  return (
    !capabilities.offsetMetadata &&
    beginsAtLatest(plan, topic) &&
    count?.status === 'fulfilled' &&
    count.value > 0
  );
}

function startPosition(
  { capabilities }: ClientBinding,
  plan: ConsumerPlan,
  { topic, partition, known }: Doubtful,
  { committed, topicId, range, initialCount, inherited }: Found,
): StartPosition {
  const offset = positionOf(committed);
  const { former = -1 } = committed;
  const reason = former >= 0 ? 'topic-made-again' : resetOf(known, offset ?? -1, range.latest, topicId);
  const from = Math.max(known.committed, known.accepted, former);
  const common = {
    topic,
    partition,
    ...(topicId !== undefined && { topicId }),
    ...(reason && { reset: { reason, from } }),
  };
  if (offset !== undefined) {
    const kept = known.opened && reason === undefined;
    const moved = offset < range.earliest || offset > range.latest;
    const there = moved ? range.earliest : offset;
    const next = kept ? Math.max(offset, known.accepted) : offset;
    const outOfRange = outOfRangeOf(plan.groupId, common, next, range);
    const ahead = readFinishedAhead(committed.metadata);
    return {
      ...common,
      offset: there,
      metadata: metadataOf(committed.metadata, topicId),
      ...(ahead?.committed === there && { finishedAhead: ahead.spans }),
      done: kept ? offset : there,
      fresh: moved,
      seek: moved || reason !== undefined,
      ...(outOfRange && { outOfRange }),
    };
  }
  const latest = beginsAtLatest(plan, topic) && partition < initialCount && committed.offset !== 'earliest';
  const taken = reason === undefined && isWithin(inherited, range) ? inherited : undefined;
  const there = taken ?? (latest ? range.latest : range.earliest);
  return {
    ...common,
    offset: there,
    metadata: capabilities.offsetMetadata ? writeOffsetMetadata({ partitions: initialCount, topicId }) : '',
    done: there,
    fresh: true,
    seek: latest || taken !== undefined || reason !== undefined,
  };
}

/** Of the commits that follow one, without what had finished beyond it. What another program has written stays. */
function metadataOf(before: string, topicId: string | undefined): string {
  const known = readOffsetMetadata(before);
  if (topicId === undefined && !before.startsWith('velo:')) return before;
  return writeOffsetMetadata({ ...known, topicId: topicId ?? known.topicId });
}

function isWithin(offset: number | undefined, { earliest, latest }: OffsetRange): offset is number {
  return offset !== undefined && offset >= earliest && offset <= latest;
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
  return plan.startFrom === 'latest' && plan.sources.includes(topic);
}

/**
 * A whole topic that the group begins with, the partitions of other members too. Looks again: where another member was
 * faster, its commit stays.
 */
async function withOthers(
  client: ClientBinding,
  plan: ConsumerPlan,
  own: readonly TopicPartition[],
  counts: InitialCounts,
  ofOwn: Promise<readonly StartPosition[]>,
): Promise<readonly StartPosition[]> {
  const [first] = own as readonly [TopicPartition];
  const initialCount = countOf(counts, first);
  const others = partitionsOf(first.topic, initialCount).filter(
    ({ partition }) => !own.some((one) => one.partition === partition),
  );
  const ofOthers = client.offsets(others).map(async (range, i) => {
    const other = { ...(others[i] as TopicPartition), known: UNKNOWN };
    return startPosition(client, plan, other, {
      committed: NOTHING,
      topicId: undefined,
      range: await range,
      initialCount,
    });
  });
  const positions = (await Promise.all([ofOwn, Promise.all(ofOthers)])).flat();
  const now = await client.committed(plan.groupId, positions);
  return positions.flatMap((position, i) => {
    const offset = positionOf(now[i]);
    if (offset === undefined) return position;
    return i < own.length ? { ...position, offset, done: offset, fresh: false, seek: true } : [];
  });
}
