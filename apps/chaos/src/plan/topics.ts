/** The names that a run works with: each run has brokers of its own, so they need not be unique. */
export const GROUP = 'chaos';
export const SOURCE = 'orders';
/** velo's own topics, as its rules name them. */
export const TIERS = [`${SOURCE}-${GROUP}-retry-1s`, `${SOURCE}-${GROUP}-retry-3s`] as const;
/** ms */
export const TIER_WAITS = [1_000, 3_000] as const;
export const DEAD_LETTERS = `${SOURCE}-${GROUP}-dlt`;
/** The source first, each tier after the one that it gets its records from. */
export const CONSUMED = [SOURCE, ...TIERS] as const;
export const ALL_TOPICS = [...CONSUMED, DEAD_LETTERS] as const;
export const PARTITIONS = 6;
/** Tries in each topic. */
export const MAX_ATTEMPTS = 2;
