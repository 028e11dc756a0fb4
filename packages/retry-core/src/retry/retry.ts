import { createRetrier } from './create-retrier.js';
import type { Operation, RetryOptions } from './options.js';

/**
 * Calls `operation` until it succeeds and gives back its result.
 *
 * Not retried, and thrown as they are: a `PermanentError`, an `AbortError`, programming errors (SyntaxError,
 * ReferenceError, RangeError, a TypeError without a cause), errors of a Kafka client whose `classifyKafkaError` says
 * so, and velo's own refusals; `retryIf` overrides all but the first. A synchronous throw counts like a rejection.
 * A `RetriableError`'s `after` is the least time waited.
 *
 * Ends otherwise with a `RetriesExhaustedError`, whose `cause` is the last failure and whose `code` tells why:
 * `VELO_RETRIES_EXHAUSTED` by `maxAttempts`; `VELO_TIMEOUT` when `timeout` is over, or at once where the next wait
 * would reach its end; `VELO_BUDGET_EXHAUSTED`. An abort rejects at once with the signal's reason.
 *
 * An attempt that `attemptTimeout` ended may still be running when the next begins.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` for a bad option, as a rejection too
 */
export async function retry<T>(operation: Operation<T>, options?: RetryOptions): Promise<T> {
  return createRetrier(options).run(operation);
}
