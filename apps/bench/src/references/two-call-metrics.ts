import type { ErrorCategory } from '@velo/retry-core';

/** "Separate atomic operations", as the specification has it before: one call for the attempt, one for its end. */
export class TwoCallMetrics {
  private readonly counts: Record<string, number> = {
    attempts: 0,
    successes: 0,
    TopicMissing: 0,
    NetworkIssue: 0,
    AuthenticationIssue: 0,
    ConfigurationIssue: 0,
    Unknown: 0,
  };

  get attempts(): number {
    return this.counts.attempts as number;
  }

  recordAttempt(): void {
    this.add('attempts');
  }

  recordErrorCategory(category: ErrorCategory): void {
    this.add(category);
  }

  recordSuccess(): void {
    this.add('successes');
  }

  private add(name: string): void {
    this.counts[name] = (this.counts[name] as number) + 1;
  }
}
