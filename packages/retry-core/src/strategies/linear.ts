import { checkNames } from '../check-names.js';
import { type Duration, toMilliseconds } from '../durations/duration.js';
import type { RetryStrategy } from './strategy.js';
import { tabulated } from './table-strategy.js';

export interface LinearOptions {
  /** The wait before the first retry. */
  readonly initial: Duration;
  /** Added for each further retry. @default initial */
  readonly increment?: Duration;
  /** The longest wait; not below `initial`. */
  readonly max: Duration;
}

const NAMES = { initial: true, increment: true, max: true } as const satisfies Record<
  keyof LinearOptions,
  true
>;

/**
 * `initial + retryIndex * increment`, at most `max`, in whole milliseconds.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` if `max < initial` or one of them is no duration, or for an unknown option
 */
export function linear(options: LinearOptions): RetryStrategy {
  checkNames(options, NAMES, 'linear()');
  const { initial, increment = initial, max } = options;
  const first = toMilliseconds(initial, 'initial');
  const step = toMilliseconds(increment, 'increment');
  return tabulated('linear', toMilliseconds(max, 'max', { min: first }), (retryIndex) =>
    // 0 * Infinity is NaN
    step ? first + retryIndex * step : first,
  );
}
