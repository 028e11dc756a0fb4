import type { RetryStrategy } from './strategy.js';

/**
 * The strategy's wait before a retry, in milliseconds; 0 where a strategy of your own answers a negative number or
 * NaN.
 *
 * @param retryIndex 0 is the wait before the first retry
 */
export function calculateRetryDelay(strategy: RetryStrategy, retryIndex: number): number {
  const delay = strategy.delay(retryIndex);
  // biome-ignore lint/complexity/useMathMinMax: NaN must become 0, and `Math.max(delay, 0) || 0` takes twice as long
  return delay > 0 ? delay : 0;
}
