import { type Duration, toMilliseconds } from '../durations/duration.js';
import type { RetryStrategy } from './strategy.js';
import { tabulated } from './table-strategy.js';

/**
 * The same wait before every retry.
 *
 * @param interval milliseconds or a text such as `'5s'`
 * @throws {VeloError} `VELO_INVALID_OPTION` if it is no duration
 */
export function fixed(interval: Duration): RetryStrategy {
  const ms = Math.round(toMilliseconds(interval, 'interval'));
  return tabulated('fixed', ms, () => ms);
}
