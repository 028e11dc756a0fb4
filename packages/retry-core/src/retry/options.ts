import { checkNames } from '../check-names.js';
import { checkNumber } from '../check-number.js';
import { type Clock, sleep as sleepByClock, systemClock } from '../clock.js';
import { type Duration, toMilliseconds } from '../durations/duration.js';
import type { ErrorCategory } from '../error-category.js';
import type { RetryCounters } from '../metrics/metrics.js';
import { exponential } from '../strategies/exponential.js';
import type { RetryStrategy } from '../strategies/strategy.js';
import { withJitter } from '../strategies/with-jitter.js';
import { invalidOption } from '../velo-error.js';

/** What an operation is told about its attempt. */
export interface RetryContext {
  /** 1 is the first call. */
  readonly attempt: number;
  /** Aborted when nobody waits for this attempt any more: `signal`, `timeout` or `attemptTimeout`. */
  readonly signal: AbortSignal;
}

export type Operation<T> = (context: RetryContext) => T | PromiseLike<T>;

/** A failed attempt that will be followed by another. */
export interface RetryEvent {
  /** The one that failed; 1 is the first call. */
  readonly attempt: number;
  /** Milliseconds until the next. */
  readonly delay: number;
  readonly error: unknown;
  readonly category: ErrorCategory;
}

/** What a retrier asks of a budget; `RetryBudget` is one. */
export interface Budget {
  /** An operation was started. */
  deposit(): void;
  /** Whether a retry may be made, which then is paid. @param now milliseconds by a clock that never goes back */
  withdraw(now: number): boolean;
}

export interface RetryOptions {
  /** @default exponential, 2 s x 1.5, at most 2 minutes, with equal jitter */
  readonly strategy?: RetryStrategy | undefined;
  /**
   * Calls at most, the first included; `Infinity` for no limit. The default is lower after a failure of category
   * Unknown, which may well be permanent; a number given here holds for all.
   * @default 5, after an Unknown failure 3
   */
  readonly maxAttempts?: number | undefined;
  /** For all attempts and waits together, at least 1 ms. A wait that would reach its end is not begun. @default none */
  readonly timeout?: Duration | undefined;
  /** For each attempt, at least 1 ms. Then its signal is aborted and its late result ignored. @default none */
  readonly attemptTimeout?: Duration | undefined;
  /** Ends attempt and wait at once; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether a failure is worth another attempt. Not asked about a `PermanentError`; a throw ends the run with what
   * was thrown, a promise for an answer with `VELO_INVALID_OPTION`.
   * @default what `retry` says: all but permanent failures
   */
  readonly retryIf?:
    | ((error: unknown, failure: { readonly attempt: number; readonly category: ErrorCategory }) => boolean)
    | undefined;
  /** Shared by all that call the same service. @default none */
  readonly budget?: Budget | undefined;
  /** Where each attempt is counted; what it throws is dropped. @default none */
  readonly metrics?:
    | Pick<
        RetryCounters,
        'recordAttempt' | 'recordAttemptWithSuccess' | 'recordAttemptWithError' | 'recordAttemptWithTimeout'
      >
    | undefined;
  /** Told before each wait; a throw, or a promise that is rejected during it, ends the run with what was thrown. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** How to wait, in milliseconds. An abort need not be heeded. @default a timer of `clock` */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => PromiseLike<unknown>) | undefined;
  /** Milliseconds by a clock that never goes back, as `Date.now` may. Given, it is read at the start of each run. @default `clock.now` */
  readonly now?: (() => number) | undefined;
  /** In `[0, 1)`, for the default strategy's jitter; one of your own brings its own. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Of the timers of `timeout` and `attemptTimeout`, and where `sleep` and `now` are left out. @default systemClock */
  readonly clock?: Clock | undefined;
}

const DEFAULT_WAITS = /* @__PURE__ */ exponential({ initial: 2_000, max: 120_000 });

/** Options that were checked, with their defaults; times in milliseconds. */
export interface RetryPlan
  extends Omit<RetryOptions, 'timeout' | 'attemptTimeout' | 'maxAttempts' | 'random'> {
  readonly strategy: RetryStrategy;
  readonly maxAttempts: number;
  /** After a failure of category Unknown. */
  readonly maxUnknownAttempts: number;
  readonly timeout: number | undefined;
  readonly attemptTimeout: number | undefined;
  readonly sleep: (ms: number, signal?: AbortSignal) => PromiseLike<unknown>;
  readonly now: () => number;
  readonly clock: Clock;
}

const NAMES = {
  strategy: true,
  maxAttempts: true,
  timeout: true,
  attemptTimeout: true,
  signal: true,
  retryIf: true,
  budget: true,
  metrics: true,
  onRetry: true,
  sleep: true,
  now: true,
  random: true,
  clock: true,
} as const satisfies Record<keyof RetryOptions, true>;

/**
 * Checks options, once.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming the option, its value and what it must be
 */
export function planRetries(options: RetryOptions): RetryPlan {
  checkNames(options, NAMES, 'a retrier');
  const { strategy, maxAttempts, timeout, attemptTimeout, random, clock = systemClock } = options;
  if (strategy !== undefined && typeof strategy?.delay !== 'function') {
    throw invalidOption(
      'strategy',
      strategy,
      'a RetryStrategy, such as exponential({ initial: 100, max: 5_000 })',
    );
  }
  const most =
    maxAttempts === undefined ? undefined : checkNumber(maxAttempts, 'maxAttempts', 1, Infinity, true);
  const limit = (value: Duration | undefined, name: string): number | undefined =>
    value === undefined ? undefined : toMilliseconds(value, name, { min: 1 });
  // Each property by name: a spread costs 2 us (apps/bench, retry() with options).
  return {
    strategy: strategy ?? withJitter(DEFAULT_WAITS, 'equal', random),
    maxAttempts: most ?? 5,
    maxUnknownAttempts: most ?? 3,
    timeout: limit(timeout, 'timeout'),
    attemptTimeout: limit(attemptTimeout, 'attemptTimeout'),
    signal: options.signal,
    retryIf: options.retryIf,
    budget: options.budget,
    metrics: options.metrics,
    onRetry: options.onRetry,
    sleep: options.sleep ?? ((ms, signal) => sleepByClock(ms, signal, clock)),
    now: options.now ?? (() => clock.now()),
    clock,
  };
}
