import type { KafkaRecord } from '../binding/record.js';
import { isOfAnotherGroup, latestDue, type RetryState, readRetryState } from '../headers/retry-state.js';
import { passOf } from '../plan/pass-of.js';
import type { Route } from '../plan/plan-topic.js';
import type { AttemptHost } from './attempt-host.js';
import type { FetchTime } from './fetch-times.js';

/** What a tier's record says of itself, and how it is handled. */
export interface TierRecord {
  readonly state: RetryState;
  readonly route: Route;
  /** When it is due, by the clock's `now`: a step of the time of day makes it neither early nor late. ms */
  readonly due: number;
}

/**
 * `undefined`: the copy is another group's. This group had the record on the source topic.
 *
 * @param fetched when it has come
 */
export function readTierRecord(
  record: KafkaRecord,
  { now, wallTime }: FetchTime,
  route: Route,
  { groupId }: AttemptHost,
): TierRecord | undefined {
  const { tiers, wait, source, limits, sharedTiers } = route;
  if (sharedTiers && isOfAnotherGroup(record, groupId)) return undefined;
  const state = readRetryState(record, {
    groupId,
    source,
    latest: latestDue(record, wait, wallTime),
    maxAttempts: limits.maxAttempts * (tiers.length + 1),
  });
  return { state, route: passOf(route, state.attempts), due: now + state.due - wallTime };
}

/** A tier's record begins. */
export function tellLate(record: KafkaRecord, { state, route, due }: TierRecord, host: AttemptHost): void {
  const { events, clock } = host;
  if (!events.has('late') || state.due <= 0) return;
  events.emit('late', {
    record,
    tier: route.tier,
    totalAttempts: state.attempts,
    lateness: clock.now() - due,
  });
}
