import type { ErrorCategory } from '../error-category.js';
import type { RetryCounters, RetryMetricsSnapshot } from './metrics.js';
import { snapshotOf } from './snapshot.js';

/**
 * Counts of attempts in one thread: one call an event, under 2 ns (apps/bench), because the counts are plain numeric
 * fields.
 */
export class RetryMetrics implements RetryCounters {
  private attempts = 0;
  private successes = 0;
  private timeouts = 0;
  private topicMissing = 0;
  private networkIssue = 0;
  private authenticationIssue = 0;
  private configurationIssue = 0;
  private unknown = 0;
  /** Attempts before the last reset. */
  private attemptsBefore = 0;

  recordAttempt(): void {
    this.attempts++;
  }

  recordAttemptWithSuccess(): void {
    this.attempts++;
    this.successes++;
  }

  recordAttemptWithError(category: ErrorCategory): void {
    this.attempts++;
    switch (category) {
      case 'TopicMissing':
        this.topicMissing++;
        break;
      case 'NetworkIssue':
        this.networkIssue++;
        break;
      case 'AuthenticationIssue':
        this.authenticationIssue++;
        break;
      case 'ConfigurationIssue':
        this.configurationIssue++;
        break;
      default:
        this.unknown++;
    }
  }

  recordAttemptWithTimeout(): void {
    this.attempts++;
    this.timeouts++;
  }

  get attemptsEver(): number {
    return this.attemptsBefore + this.attempts;
  }

  snapshot(): RetryMetricsSnapshot {
    return snapshotOf([
      this.attempts,
      this.successes,
      this.timeouts,
      this.topicMissing,
      this.networkIssue,
      this.authenticationIssue,
      this.configurationIssue,
      this.unknown,
    ]);
  }

  reset(): void {
    this.attemptsBefore += this.attempts;
    this.attempts = 0;
    this.successes = 0;
    this.timeouts = 0;
    this.topicMissing = 0;
    this.networkIssue = 0;
    this.authenticationIssue = 0;
    this.configurationIssue = 0;
    this.unknown = 0;
  }
}
