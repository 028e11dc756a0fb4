import { partitionKey, type TopicPartition } from './record.js';

/** A member of the group, as its leader knows it. */
export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** Topics whose partitions of one number belong together, as a source and its tiers. */
  readonly families: readonly (readonly string[])[];
  /** The partitions that it has now. */
  readonly owned: readonly TopicPartition[];
}

interface Share {
  readonly memberId: string;
  /** How many partitions it gets, in all topics. */
  total: number;
}

/** The partitions of one number in topics that the same members read: they go to one member together. */
interface Slot {
  readonly partition: number;
  readonly topics: readonly string[];
  /** The member that had most of the slot's partitions. */
  readonly before: Share | undefined;
  owner: Share | undefined;
}

/** Topics of one family that the same members read. */
interface Cohort {
  readonly family: string;
  readonly slots: readonly Slot[];
  readonly held: Map<Share, Slot[]>;
}

/**
 * Who reads what, for a whole group: each partition of each topic goes to one member that has subscribed to the topic.
 *
 * - Of one family, partitions of one number go together wherever the same members read them.
 * - Of each family, no member has two numbers more than another; nor in total, beyond what goes together.
 * - What a member has, it keeps, as far as that allows. The order of the members and of their topics is of no account.
 *
 * @param counts how many partitions a topic has; topics that are not in there go to nobody
 */
export function assignPartitions(
  members: readonly Subscriber[],
  counts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const cohorts = cohortsOf(sorted, counts);
  for (const cohort of cohorts) keep(cohort);
  const neighbours = new Map<string, Share>();
  for (const cohort of cohorts) fill(cohort, neighbours);
  for (const cohort of cohorts) while (level(cohort));
  // Each move makes the sum of the squares of the totals smaller, so this ends.
  for (let moved = true; moved; ) {
    moved = false;
    for (const cohort of cohorts) while (levelTotals(cohort)) moved = true;
  }
  return resultOf(sorted, cohorts);
}

function cohortsOf(members: readonly Subscriber[], counts: ReadonlyMap<string, number>): Cohort[] {
  const shares = members.map(({ memberId }): Share => ({ memberId, total: 0 }));
  const readers = new Map<string, number[]>();
  const owners = new Map<string, Share>();
  const families = new Map<string, string>();
  members.forEach((member, i) => {
    for (const topic of new Set(member.topics)) {
      const list = readers.get(topic);
      if (list === undefined) readers.set(topic, [i]);
      else list.push(i);
    }
    for (const { topic, partition } of member.owned)
      owners.set(partitionKey(topic, partition), shares[i] as Share);
    for (const [source, ...others] of member.families)
      for (const topic of others)
        if (source !== undefined && !families.has(topic)) families.set(topic, source);
  });
  const cohorts = new Map<string, { family: string; topics: string[]; by: Share[] }>();
  for (const topic of [...readers.keys()].sort()) {
    const by = readers.get(topic) as number[];
    const family = families.get(topic) ?? topic;
    const key = `${family} ${by}`;
    const cohort = cohorts.get(key) ?? { family, topics: [], by: by.map((i) => shares[i] as Share) };
    cohorts.set(key, cohort);
    // The source first: where votes for a former owner are equal, its own counts.
    if (topic === family) cohort.topics.unshift(topic);
    else cohort.topics.push(topic);
  }
  return [...cohorts.values()].map(({ family, topics, by }) => ({
    family,
    slots: slotsOf(topics, counts, owners),
    held: new Map(by.map((share) => [share, []])),
  }));
}

function slotsOf(
  topics: readonly string[],
  counts: ReadonlyMap<string, number>,
  owners: ReadonlyMap<string, Share>,
): Slot[] {
  const width = Math.max(...topics.map((topic) => counts.get(topic) ?? 0));
  return Array.from({ length: width }, (_, partition) => {
    const there = topics.filter((topic) => (counts.get(topic) ?? 0) > partition);
    const before = most(there.map((topic) => owners.get(partitionKey(topic, partition))));
    return { partition, topics: there, before, owner: undefined };
  });
}

/** The share that comes most often; of several, the first. */
function most(shares: readonly (Share | undefined)[]): Share | undefined {
  const votes = new Map<Share, number>();
  for (const share of shares) if (share !== undefined) votes.set(share, (votes.get(share) ?? 0) + 1);
  let best: Share | undefined;
  for (const [share, count] of votes)
    if (count > (best === undefined ? 0 : (votes.get(best) ?? 0))) best = share;
  return best;
}

/** Each member keeps what it has, up to its share. */
function keep(cohort: Cohort): void {
  const { slots, held } = cohort;
  const most = Math.ceil(slots.length / held.size);
  for (const slot of slots) {
    const mine = slot.before && held.get(slot.before);
    if (mine !== undefined && mine.length < most) give(cohort, slot, slot.before as Share);
  }
}

/** The rest goes to members that have the same number of the family's other topics, else to those that have least. */
function fill(cohort: Cohort, neighbours: Map<string, Share>): void {
  const { family, slots, held } = cohort;
  const most = Math.ceil(slots.length / held.size);
  for (const slot of slots) {
    const key = partitionKey(family, slot.partition);
    const neighbour = neighbours.get(key);
    const near = neighbour && (held.get(neighbour)?.length ?? most) < most ? neighbour : undefined;
    const owner = slot.owner ?? near ?? extremes(cohort).least;
    if (slot.owner === undefined) give(cohort, slot, owner);
    if (neighbour === undefined) neighbours.set(key, owner);
  }
}

/** Moves one slot from the member with most to the one with least, if they are two apart. */
function level(cohort: Cohort): boolean {
  const { least, most } = extremes(cohort);
  const uneven = sizeOf(cohort, most) - sizeOf(cohort, least) > 1;
  if (uneven) move(cohort, most, least, slotToMove(cohort, most, least));
  return uneven;
}

/** Moves one slot from a member with one more to one with one less, if that makes their totals more alike. */
function levelTotals(cohort: Cohort): boolean {
  const { least, most } = extremes(cohort);
  if (sizeOf(cohort, most) === sizeOf(cohort, least)) return false;
  const slot = slotToMove(cohort, most, least);
  const helps = most.total - least.total > slot.topics.length;
  if (helps) move(cohort, most, least, slot);
  return helps;
}

/** The members with least and most of the cohort; where several are equal, their totals decide. */
function extremes(cohort: Cohort): { least: Share; most: Share } {
  const shares = [...cohort.held.keys()];
  const below = (a: Share, b: Share) => sizeOf(cohort, a) - sizeOf(cohort, b) || a.total - b.total;
  return {
    least: shares.reduce((least, share) => (below(share, least) < 0 ? share : least)),
    most: shares.reduce((most, share) => (below(share, most) > 0 ? share : most)),
  };
}

/** The slot to move: one that comes back to `to`, else one that was of neither, else the last. */
function slotToMove({ held }: Cohort, from: Share, to: Share): Slot {
  const slots = held.get(from) as Slot[];
  return (
    slots.find(({ before }) => before === to) ??
    slots.find(({ before }) => before !== from) ??
    (slots.at(-1) as Slot)
  );
}

function move(cohort: Cohort, from: Share, to: Share, slot: Slot): void {
  const left = cohort.held.get(from) as Slot[];
  left.splice(left.indexOf(slot), 1);
  from.total -= slot.topics.length;
  give(cohort, slot, to);
}

function give({ held }: Cohort, slot: Slot, to: Share): void {
  held.get(to)?.push(slot);
  slot.owner = to;
  to.total += slot.topics.length;
}

function sizeOf({ held }: Cohort, share: Share): number {
  return held.get(share)?.length ?? 0;
}

function resultOf(members: readonly Subscriber[], cohorts: readonly Cohort[]): Map<string, TopicPartition[]> {
  const result = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
  for (const { slots } of cohorts)
    for (const { owner, partition, topics } of slots)
      for (const topic of topics) result.get(owner?.memberId ?? '')?.push({ topic, partition });
  return result;
}
