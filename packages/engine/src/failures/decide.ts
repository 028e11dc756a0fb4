import type { RetryStrategy } from '@velo/retry-core';
import type { Failure } from './failure.js';

/** Why a record was given up: it can never pass, its attempts are used up, or the brokers refuse its copy. */
export type DeadLetterReason = 'permanent' | 'exhausted' | 'refused';

/** What a decision needs to know of a tier. */
export interface Waiting {
  /** How long a copy waits there, ms. */
  readonly wait: number;
}

/** A union, so that a `switch` over it is complete. */
export type Decision<T extends Waiting = Waiting> =
  | { readonly action: 'retry-in-place' /** ms */; readonly delay: number }
  | { readonly action: 'hand-off'; readonly tier: T }
  | { readonly action: 'exhausted'; readonly reason: 'permanent' | 'exhausted' };

/** Limits of the attempts in one topic. */
export interface InPlaceLimits {
  readonly maxAttempts: number;
  readonly strategy: RetryStrategy;
}

/**
 * What becomes of a record after a failed attempt: it is retried in place until `maxAttempts`, then handed to the
 * next tier, then given up.
 *
 * `RetriableError({ after })` sets the least wait. The record waits in place where that is shorter than the next
 * tier's wait, or where no tier is left; otherwise it goes to the first tier that waits long enough, or to the last
 * one.
 *
 * @param attempt the one in this topic that has failed, 1 = first
 * @param ahead the tiers that are left for it, the next one first
 */
export function decide<T extends Waiting>(
  failure: Failure,
  attempt: number,
  ahead: readonly T[],
  { maxAttempts, strategy }: InPlaceLimits,
): Decision<T> {
  if (failure.permanent) return { action: 'exhausted', reason: 'permanent' };
  const [next] = ahead;
  const { after } = failure;
  if (attempt < maxAttempts && (next === undefined || after < next.wait)) {
    return { action: 'retry-in-place', delay: Math.max(after, strategy.delay(attempt - 1)) };
  }
  if (next === undefined) return { action: 'exhausted', reason: 'exhausted' };
  return { action: 'hand-off', tier: ahead.find(({ wait }) => wait >= after) ?? (ahead.at(-1) as T) };
}
