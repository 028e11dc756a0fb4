import { invalidOption } from '../velo-error.js';
import type { RetryStrategy } from './strategy.js';
import { computed } from './table-strategy.js';

/** Spreads the waits of clients that failed together; each mode is described at `withJitter`. */
export type JitterMode = 'none' | 'full' | 'equal' | 'decorrelated';

/** An index that is past every growth. */
const LAST_INDEX = Number.MAX_SAFE_INTEGER;

/**
 * A strategy with random waits, so that clients that failed together do not return together. With `d` for the
 * inner strategy's delay, in whole milliseconds:
 * - `full`: `[0, d)`; the least load on what recovers
 * - `equal`: `[d/2, d)`; never returns at once
 * - `decorrelated`: from the inner strategy's first delay to three times the wait before, at most its longest
 * - `none`: the strategy itself
 *
 * The formulas are those of "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param random in `[0, 1)`; a seeded one makes the waits repeatable; what is outside is clamped, NaN is 0.
 *   @default Math.random
 * @throws {VeloError} `VELO_INVALID_OPTION` for an unknown mode
 */
export function withJitter(
  strategy: RetryStrategy,
  mode: JitterMode,
  random: () => number = Math.random,
): RetryStrategy {
  const between = (low: number, high: number): number => {
    const share = Math.min(Math.max(random(), 0), 1) || 0;
    return high > low ? low + Math.floor(share * (high - low)) : low;
  };
  const jittered = (delay: RetryStrategy['delay']): RetryStrategy =>
    computed(strategy.kind, delay, strategy.observe && ((outcome) => strategy.observe?.(outcome)));
  switch (mode) {
    case 'none':
      return strategy;
    case 'full':
      return jittered((retryIndex, previousDelay) => between(0, strategy.delay(retryIndex, previousDelay)));
    case 'equal':
      return jittered((retryIndex, previousDelay) => {
        const delay = strategy.delay(retryIndex, previousDelay);
        return between(Math.ceil(delay / 2), delay);
      });
    case 'decorrelated':
      return jittered((retryIndex, previousDelay) => {
        const first = strategy.delay(0);
        const previous = previousDelay ?? strategy.delay(retryIndex > 0 ? retryIndex - 1 : 0);
        return between(first, Math.min(strategy.delay(LAST_INDEX), previous * 3));
      });
    default:
      throw invalidOption('jitter', mode, "'none', 'full', 'equal' or 'decorrelated'");
  }
}
