import { adopt, callSafely } from '../adopt.js';
import { AttemptContext } from './attempt.js';
import { count } from './count.js';
import { type Operation, planRetries, type RetryOptions } from './options.js';
import { Run } from './run.js';

export interface Retrier {
  /** Calls the operation until it succeeds; see `retry`. May be taken off the object. */
  run<T>(operation: Operation<T>): Promise<T>;
}

/**
 * A retrier for many operations: its options are checked once. Where the first call succeeds and neither `signal`,
 * `timeout` nor `attemptTimeout` is given, a run makes no AbortController, reads no clock and sets no timer, and is
 * faster than a plain async wrapper (apps/bench).
 *
 * What a run ends with is described at `retry`.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming the option, its value and what it must be
 */
export function createRetrier(options: RetryOptions = {}): Retrier {
  const plan = planRetries(options);
  const { signal, timeout, attemptTimeout, budget, metrics, now } = plan;
  const guarded = signal !== undefined || timeout !== undefined || attemptTimeout !== undefined;
  const readsClock = options.now !== undefined;
  const counted = <T>(result: T): T => {
    count(metrics, (counters) => counters.recordAttemptWithSuccess());
    return result;
  };

  function run<T>(operation: Operation<T>): Promise<T> {
    if (budget !== undefined) callSafely(() => budget.deposit());
    if (guarded) return new Run(plan, operation, now()).finish();
    const startedAt = readsClock ? now() : undefined;
    const again = (error: unknown): Promise<T> =>
      new Run(plan, operation, startedAt ?? now()).finish({ ended: 'failure', error });
    let result: Promise<T>;
    try {
      result = adopt(operation(new AttemptContext(1)));
    } catch (error) {
      return again(error);
    }
    return result.then<T, T>(metrics && counted, again);
  }

  return { run };
}
