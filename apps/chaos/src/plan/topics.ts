/** The names that a run works with: each run has brokers of its own, so they need not be unique. */
export const GROUP = 'chaos';

export interface Source {
  readonly topic: string;
  /** At first. */
  readonly partitions: number;
  /** Where a run takes brokers away for long, each partition of it, and of velo's own topics for it, is on one alone. */
  readonly unreplicated: boolean;
}

/** Most records are here. */
export const ORDERS = 'orders';
/** Deleted and made again. */
export const PARCELS = 'parcels';
/** Without replicas in some runs: with a broker that is away, a partition is offline. */
export const RETURNS = 'returns';
export const SOURCES: readonly Source[] = [
  { topic: ORDERS, partitions: 6, unreplicated: false },
  { topic: PARCELS, partitions: 3, unreplicated: false },
  { topic: RETURNS, partitions: 3, unreplicated: true },
];

/** ms. The last one is known to members of the new version only. */
export const TIER_WAITS = [1_000, 3_000, 4_000] as const;
/** Attempts in each topic. */
export const MAX_ATTEMPTS = 2;
/** The number of a dead-letter topic, counted on from its last tier. */
export const DEAD = TIER_WAITS.length + 1;

/** Where a topic stands: 0 is the source, 1 its first tier. */
export interface Place {
  readonly source: string;
  readonly tier: number;
}

/** velo's own topics, as its rules name them. */
export function topicAt(source: string, tier: number): string {
  if (tier === 0) return source;
  const wait = TIER_WAITS[tier - 1];
  return `${source}-${GROUP}-${wait === undefined ? 'dlt' : `retry-${wait / 1_000}s`}`;
}

const TIERS = Array.from({ length: DEAD + 1 }, (_, tier) => tier);
const PLACES: ReadonlyMap<string, Place> = new Map(
  SOURCES.flatMap(({ topic: source }) =>
    TIERS.map((tier) => [topicAt(source, tier), { source, tier }] as const),
  ),
);

/** @throws {RangeError} for a topic that is none of the run's */
export function placeOf(topic: string): Place {
  const place = PLACES.get(topic);
  if (place === undefined) throw new RangeError(`${topic} is no topic of this run`);
  return place;
}

/** The sources first, each tier after those that it gets its records from, the dead letters last. */
export const ALL_TOPICS: readonly string[] = TIERS.flatMap((tier) =>
  SOURCES.map(({ topic }) => topicAt(topic, tier)),
);
export const CONSUMED = ALL_TOPICS.filter((topic) => placeOf(topic).tier < DEAD);
export const SOURCE_TOPICS = SOURCES.map(({ topic }) => topic);

export function isSource(topic: string): boolean {
  return placeOf(topic).tier === 0;
}

export function isReplicated(topic: string): boolean {
  const { source } = placeOf(topic);
  return SOURCES.some((one) => one.topic === source && !one.unreplicated);
}
