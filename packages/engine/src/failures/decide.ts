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
  | {
      readonly action: 'hand-off';
      /** Where the next attempt is made. */
      readonly tier: T;
      /** The least wait, ms, where it is longer than the tier's: the copy waits in as many passes as that takes. */
      readonly after?: number;
      /** Attempts so far in this tier, where the record stays in its own. */
      readonly stays?: number;
    }
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
 * tier's wait (in the last tier: than its own), or where there are no tiers; otherwise it goes to the first tier that waits long enough,
 * or to the last one, where it waits on until it is due. In the last tier it goes to that tier once more.
 *
 * @param attempt the one in this topic that has failed, 1 = first
 * @param ahead the tiers that are left for it, the next one first
 * @param here the tier that it is in; none: the source
 */
export function decide<T extends Waiting>(
  failure: Failure,
  attempt: number,
  ahead: readonly T[],
  { maxAttempts, strategy }: InPlaceLimits,
  here?: T,
): Decision<T> {
  if (failure.permanent) return { action: 'exhausted', reason: 'permanent' };
  const [next] = ahead;
  const { after } = failure;
  const isLeft = attempt < maxAttempts;
  const longer = next ?? here;
  if (isLeft && (longer === undefined || after < longer.wait)) {
    return { action: 'retry-in-place', delay: Math.max(after, strategy.delay(attempt - 1)) };
  }
  if (next !== undefined)
    return handOff(ahead.find(({ wait }) => wait >= after) ?? (ahead.at(-1) as T), after);
  if (!isLeft || here === undefined) return { action: 'exhausted', reason: 'exhausted' };
  return { ...handOff(here, after), stays: attempt };
}

function handOff<T extends Waiting>(tier: T, after: number): Extract<Decision<T>, { action: 'hand-off' }> {
  return { action: 'hand-off', tier, ...(after > tier.wait && { after }) };
}
