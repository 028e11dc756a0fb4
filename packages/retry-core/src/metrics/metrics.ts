import type { ErrorCategory } from '../error-category.js';

export interface RetryMetricsSnapshot {
  readonly attemptsTotal: number;
  readonly successesTotal: number;
  readonly timeoutsTotal: number;
  readonly errorsByCategory: Readonly<Record<ErrorCategory, number>>;
  /** Successes per attempt, 0 to 1; 0 where nothing was counted. */
  readonly successRate: number;
  /** Timeouts per attempt, 0 to 1; 0 where nothing was counted. */
  readonly timeoutRate: number;
  /** Attempts per success; 0 before the first success. */
  readonly averageAttempts: number;
}

/** Where attempts are counted: `RetryMetrics` in one thread, `SharedRetryMetrics` across worker threads. */
export interface RetryCounters {
  /** An attempt whose end is not told. */
  recordAttempt(): void;
  recordAttemptWithSuccess(): void;
  /** A category outside the union counts as Unknown. */
  recordAttemptWithError(category: ErrorCategory): void;
  recordAttemptWithTimeout(): void;
  /** Attempts ever counted: `reset()` does not touch it, so that a counter made of it only grows. */
  readonly attemptsEver: number;
  snapshot(): RetryMetricsSnapshot;
  reset(): void;
}
