import { watchRejection } from '../adopt.js';
import { checkNames } from '../check-names.js';
import { checkNumber } from '../check-number.js';
import { systemClock } from '../clock.js';
import { type Duration, toMilliseconds } from '../durations/duration.js';
import { CircuitOpenError } from '../velo-error.js';
import { judge } from './judge.js';

export interface CircuitBreakerOptions {
  /** So many failures without a success between them open the circuit; 1 or more. @default 5 */
  readonly failures?: number;
  /** How long it stays open before one call is let through, at least 1 ms. @default 30 s */
  readonly openFor?: Duration;
  /**
   * Whether an error is the service's fault.
   * @default what `retry` would retry; a `PermanentError` tells nothing about the service
   */
  readonly isFailure?: (error: unknown) => boolean;
}

const NAMES = { failures: true, openFor: true, isFailure: true } as const satisfies Record<
  keyof CircuitBreakerOptions,
  true
>;

/** `half-open` lets one call through at a time: its success closes the circuit, its failure opens it again. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * Refuses calls to a service that keeps failing, so that it can recover and callers need not wait for it. After
 * Nygard, "Release It!", 2007. Time is an argument.
 *
 * With retries: `retry(() => breaker.run(operation))`; a refused call waits until the circuit lets one through.
 */
export class CircuitBreaker {
  private failures = 0;
  /** Milliseconds; undefined while closed. */
  private openUntil: number | undefined = undefined;
  /** Whether a call is under way that decides. */
  private trial = false;
  private readonly maxFailures: number;
  private readonly openFor: number;
  private readonly isFailure: (error: unknown) => boolean;

  /** @throws {VeloError} `VELO_INVALID_OPTION` for a bad option */
  constructor(options: CircuitBreakerOptions = {}) {
    checkNames(options, NAMES, 'CircuitBreaker');
    this.maxFailures = checkNumber(options.failures ?? 5, 'failures', 1, Number.MAX_SAFE_INTEGER, true);
    this.openFor = toMilliseconds(options.openFor ?? '30s', 'openFor', { min: 1 });
    this.isFailure = options.isFailure ?? ((error) => judge(error).retry);
  }

  state(now: number): CircuitState {
    if (this.openUntil === undefined) return 'closed';
    return this.trial || now >= this.openUntil ? 'half-open' : 'open';
  }

  /**
   * Whether a call may be made. In the half-open state the one that gets `true` is the trial; if its end is never
   * told, another may be made after `openFor`.
   */
  allows(now: number): boolean {
    if (this.openUntil === undefined) return true;
    if (now < this.openUntil) return false;
    this.trial = true;
    this.openUntil = now + this.openFor;
    return true;
  }

  /** A call that was allowed has succeeded. One from before the circuit opened is too late to tell. */
  succeeded(now: number): void {
    if (this.state(now) === 'open') return;
    this.failures = 0;
    this.openUntil = undefined;
    this.trial = false;
  }

  /** A call that was allowed has failed. One from before the circuit opened is too late to tell. */
  failed(now: number): void {
    if (this.state(now) === 'open') return;
    this.failures++;
    if (this.failures >= this.maxFailures) this.openUntil = now + this.openFor;
    this.trial = false;
  }

  /**
   * Calls the operation if the circuit allows it, and learns from how it ends.
   *
   * @param now milliseconds by a clock that never goes back
   * @throws {CircuitOpenError} with the milliseconds until a call is let through
   */
  async run<T>(operation: () => T | PromiseLike<T>, now: () => number = systemClock.now): Promise<T> {
    const start = now();
    if (!this.allows(start)) throw new CircuitOpenError((this.openUntil ?? start) - start);
    try {
      const result = await operation();
      this.succeeded(now());
      return result;
    } catch (error) {
      if (this.blames(error)) this.failed(now());
      else this.endTrial(now());
      throw error;
    }
  }

  /** If `isFailure` throws, nobody has said that the service is well. */
  private blames(error: unknown): boolean {
    try {
      const answer: unknown = this.isFailure(error);
      watchRejection(answer);
      return Boolean(answer);
    } catch (thrown) {
      watchRejection(thrown);
      return true;
    }
  }

  /** A trial that told nothing about the service: the next call is one. */
  private endTrial(now: number): void {
    if (this.trial) this.openUntil = now;
    this.trial = false;
  }
}
