import type { RetryStrategy } from './strategy.js';

/**
 * The strategy's wait before a retry, in milliseconds; 0 where a strategy of your own answers a negative number or
 * NaN.
 *
 * @param retryIndex 0 is the wait before the first retry
 */
export function calculateRetryDelay(strategy: RetryStrategy, retryIndex: number): number {
  const delay = strategy.delay(retryIndex);
  return delay > 0 ? delay : 0;
}
