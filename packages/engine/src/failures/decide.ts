import type { RetryStrategy } from '@velo/retry-core';
import type { Failure } from './failure.js';

/** Why a record was given up: it can never pass, its tries are used up, or the brokers refuse its copy. */
export type DeadLetterReason = 'permanent' | 'exhausted' | 'refused';

/** A union, so that a `switch` over it is complete. */
export type Decision =
  | { readonly action: 'retry-in-place' /** ms */; readonly delay: number }
  | { readonly action: 'hand-off' /** 1 = the first */; readonly tier: number }
  | { readonly action: 'exhausted'; readonly reason: 'permanent' | 'exhausted' };

export interface RetryLimits {
  readonly maxAttempts: number;
  readonly strategy: RetryStrategy;
  /** The waits of the tiers, ms. */
  readonly tiers: readonly number[];
}

/**
 * What becomes of a record after a failed try: in place until `maxAttempts`, then the next tier, then the end.
 *
 * `RetriableError({ after })` is a floor: it waits in place where that is shorter than the next tier or where
 * there is none, else it goes to the first tier that is long enough, or the longest way to go.
 *
 * @param attempt the try in this topic that has failed, 1 = first
 * @param nextTier which of the tiers comes next: 0 for a record of the source topic
 */
export function decide(failure: Failure, attempt: number, nextTier: number, limits: RetryLimits): Decision {
  if (failure.permanent) return { action: 'exhausted', reason: 'permanent' };
  const next = limits.tiers[nextTier];
  const { after } = failure;
  if (attempt < limits.maxAttempts && (next === undefined || after < next)) {
    return { action: 'retry-in-place', delay: Math.max(after, limits.strategy.delay(attempt - 1)) };
  }
  if (next === undefined) return { action: 'exhausted', reason: 'exhausted' };
  const enough = limits.tiers.findIndex((wait, index) => index >= nextTier && wait >= after);
  return { action: 'hand-off', tier: (enough === -1 ? limits.tiers.length - 1 : enough) + 1 };
}
