import { type ErrorCategory, errorCategories } from '@velo/retry-core';

const ATTEMPTS = 5;
const SUCCESSES = 6;

/** Counts that all threads write, by atomic additions: the specification's way, in JavaScript. */
export class AtomicMetrics {
  private readonly counts: Int32Array;

  constructor(buffer = new SharedArrayBuffer(7 * 4)) {
    this.counts = new Int32Array(buffer);
  }

  get attempts(): number {
    return Atomics.load(this.counts, ATTEMPTS) >>> 0;
  }

  recordAttemptWithError(category: ErrorCategory): void {
    Atomics.add(this.counts, ATTEMPTS, 1);
    Atomics.add(this.counts, errorCategories.indexOf(category), 1);
  }

  recordAttemptWithSuccess(): void {
    Atomics.add(this.counts, ATTEMPTS, 1);
    Atomics.add(this.counts, SUCCESSES, 1);
  }
}
