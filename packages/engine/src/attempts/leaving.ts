import type { KafkaRecord } from '../binding/record.js';
import type { Decision } from '../failures/decide.js';
import type { Failure } from '../failures/failure.js';
import type { RetryState } from '../headers/retry-state.js';
import type { Route, Tier } from '../plan/plan-topic.js';
import type { AttemptLane } from './attempt-lane.js';

/** The retry budget of the source is spent: to the next tier, if there is one. */
export function overBudget(decided: Decision<Tier>, [next]: readonly Tier[]): Decision<Tier> {
  return next === undefined ? decided : { action: 'hand-off', tier: next };
}

/** So many trials a record has at the end of its attempts, and so long, ms, before others have their turn. */
const MOST_TRIALS = 10;
export const TRIALS_FOR = 15 * 60_000;

/**
 * The trials of a record whose attempts are used up while its source is held. Whether it fails by its own fault or by what all
 * of them need, only another record can tell, and where it is first in line, none comes before it has left.
 */
export class Trials {
  #count = 0;
  #since: number | undefined;

  /** A trial has failed, at `now`. @returns whether it is another one's turn */
  failed(decision: Decision<Tier>, now: number): boolean {
    if (decision.action === 'hand-off') return true;
    this.#since ??= now;
    return ++this.#count >= MOST_TRIALS && now - this.#since >= TRIALS_FOR;
  }
}

/**
 * Whether a record leaves its topic now; if not, it is held in place, and tried again when its source is free.
 *
 * @param hadItsTurn it has failed alone, and others are to be tried
 */
export function mayLeave(
  record: KafkaRecord,
  failure: Failure,
  decision: Decision<Tier>,
  { exhausted }: Route,
  { flow }: AttemptLane,
  hadItsTurn: boolean,
): boolean {
  if (flow.keeps(failure) && !hadItsTurn) return false;
  // A consumer that stops gives nothing up.
  if (decision.action === 'exhausted' && exhausted.action !== 'stop')
    return flow.mayGiveUp(record, failure, hadItsTurn);
  flow.sentOn(record);
  return true;
}

/** The tier in which a record waits longer than its next one asks for; with `retry.keepKeyOrder` none: it would come behind its key. */
export function hereOf({ keepKeyOrder, tiers, tier }: Route): Tier | undefined {
  return keepKeyOrder ? undefined : tiers[tier - 1];
}

/**
 * With `retry.keepKeyOrder`: it was behind others of its key. Its first attempts in the tier stand for those at its source, and
 * the wait follows them; those that are behind it wait as well.
 */
export function cameUntried(state: RetryState | undefined, { keepKeyOrder, tier }: Route): boolean {
  return keepKeyOrder && tier > 0 && state?.attempts === 0;
}
