import type { StrategyName } from './read-text.js';
import { readSettings, type TextMap } from './settings.js';

export interface RetryDefaults {
  /** @default 'exponential' */
  readonly strategy: StrategyName;
  /** Milliseconds. @default 2,000 */
  readonly interval: number;
  /** @default 1.5 */
  readonly multiplier: number;
  /** Milliseconds. @default 120,000 */
  readonly maxDelay: number;
  /** Of new topics. @default 6 */
  readonly partitions: number;
  /** Of new topics. @default 3 */
  readonly replicationFactor: number;
}

/**
 * What holds where nothing is said: the `VELOSTREAM_*` variables over the defaults. A variable that cannot be used
 * is passed over; `resolveRetryOptions` tells which.
 *
 * @param env default: `process.env` where there is one
 */
export function retryDefaults(env?: TextMap): RetryDefaults {
  const { strategy, interval, multiplier, maxDelay, partitions, replicationFactor } = readSettings([], env);
  return {
    strategy: strategy as StrategyName,
    interval,
    multiplier,
    maxDelay,
    partitions,
    replicationFactor,
  };
}
