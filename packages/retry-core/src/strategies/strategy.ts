import type { ErrorCategory } from '../error-category.js';

/** What became of one attempt after a first failure; food for strategies that learn. */
export interface RetryOutcome {
  /** Of the failure that is being retried. */
  readonly category: ErrorCategory;
  /** Milliseconds waited so far since the first failure, all waits together; 0 for the first failure itself. */
  readonly waited: number;
  readonly succeeded: boolean;
}

/** How long to wait before each retry. */
export interface RetryStrategy {
  /** For people and logs: `'fixed'`, `'exponential'`, … */
  readonly kind: string;

  /**
   * Milliseconds to wait before a retry.
   *
   * @param retryIndex 0 is the wait before the first retry
   * @param previousDelay the wait before the last retry, in milliseconds; only decorrelated jitter asks for it
   */
  delay(retryIndex: number, previousDelay?: number): number;

  /**
   * Told of every failed attempt, just before `delay` is asked, and of the success that ends a row of failures.
   * Never throws.
   */
  readonly observe?: ((outcome: RetryOutcome) => void) | undefined;
}
