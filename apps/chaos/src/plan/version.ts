import { ORDERS, PARCELS, SOURCE_TOPICS, TIER_WAITS } from './topics.js';

/** What a member's process runs. The old version knows one source and one tier less than the new one. */
export type Version = 'old' | 'new';

export interface Subscription {
  readonly topics: readonly string[];
  /** ms each */
  readonly tiers: readonly number[];
}

export function subscriptionOf(version: Version): Subscription {
  return version === 'new'
    ? { topics: SOURCE_TOPICS, tiers: TIER_WAITS }
    : { topics: [ORDERS, PARCELS], tiers: TIER_WAITS.slice(0, -1) };
}
