import { checkNames } from '../check-names.js';
import { checkNumber } from '../check-number.js';
import { type Duration, toMilliseconds } from '../durations/duration.js';
import type { RetryStrategy } from './strategy.js';
import { tabulated } from './table-strategy.js';

export interface ExponentialOptions {
  /** The wait before the first retry. */
  readonly initial: Duration;
  /** Each wait is so many times the one before; 1 or more. @default 1.5 */
  readonly multiplier?: number;
  /** The longest wait; not below `initial`. */
  readonly max: Duration;
}

const NAMES = { initial: true, multiplier: true, max: true } as const satisfies Record<
  keyof ExponentialOptions,
  true
>;

/**
 * `initial * multiplier ** retryIndex`, at most `max`, in whole milliseconds. Computed ahead, because `**` costs
 * many times a look-up (apps/bench).
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` if `multiplier < 1`, `max < initial`, or either is no duration, or for an unknown option
 */
export function exponential(options: ExponentialOptions): RetryStrategy {
  checkNames(options, NAMES, 'exponential()');
  const { initial, multiplier = 1.5, max } = options;
  const first = toMilliseconds(initial, 'initial');
  const factor = checkNumber(multiplier, 'multiplier', 1, Number.MAX_VALUE);
  // 0 * Infinity is NaN, so no power is taken of a wait of 0.
  return tabulated(
    'exponential',
    toMilliseconds(max, 'max', { min: first }),
    (retryIndex) => first && first * factor ** retryIndex,
  );
}
