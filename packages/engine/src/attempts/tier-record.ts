import type { KafkaRecord } from '../binding/record.js';
import { isOfAnotherGroup, latestDue, type RetryState, readRetryState } from '../headers/retry-state.js';
import { isCredible } from '../headers/waits-for.js';
import { passOf, tierOf } from '../plan/pass-of.js';
import type { Route } from '../plan/plan-topic.js';
import type { AttemptHost } from './attempt-host.js';
import type { FetchTime } from './fetch-times.js';

/** What a tier's record says of itself, and how it is handled. */
export interface TierRecord {
  /** Its attempts are those before this tier. */
  readonly state: RetryState;
  /** Attempts at it in this tier, before it came here anew. */
  readonly attemptsHere: number;
  readonly route: Route;
  /** When it is due, by the clock's `now`: a step of the time of day makes it neither early nor late. ms */
  readonly due: number;
  /** Until when it waits, by the clock's `now`: later than `due` where it goes on to wait in another copy. ms */
  readonly until: number;
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
  // A pass would put a record behind those of its key; and in a replay topic nothing waits.
  const waitsFor = route.keepKeyOrder || route.tier === 0 ? undefined : state.waitsFor;
  const claimed = waitsFor && state.until;
  const until = claimed !== undefined && isCredible(claimed, wallTime) ? claimed : state.due;
  const attemptsHere = waitsFor?.attempts ?? 0;
  const byNow = (time: number) => now + time - wallTime;
  return {
    state: { ...state, waitsFor, attempts: Math.max(0, state.attempts - attemptsHere) },
    attemptsHere,
    route: waitsFor === undefined ? passOf(route, state.attempts) : tierOf(route, waitsFor.tierNumber),
    due: byNow(state.due),
    until: byNow(until),
  };
}

/** A tier's record begins. */
export function tellLate(record: KafkaRecord, { state, route, due }: TierRecord, host: AttemptHost): void {
  const { events, clock } = host;
  // In a replay topic nothing was to wait.
  if (!events.has('late') || state.due <= 0 || route.tier === 0) return;
  events.emit('late', {
    record,
    tier: route.tier,
    totalAttempts: state.attempts,
    lateness: clock.now() - due,
  });
}
