import { callSafely, watchRejection } from '../adopt.js';
import { checkNames } from '../check-names.js';
import { checkNumber } from '../check-number.js';
import { systemClock } from '../clock.js';
import { type Duration, toMilliseconds } from '../durations/duration.js';
import { CircuitOpenError, invalidOption } from '../velo-error.js';
import { FailureWindow } from './failure-window.js';
import { judge } from './judge.js';

export interface CircuitBreakerOptions {
  /** So many failures without a success between them open the circuit; 1 or more; not beside `failureShare`. @default 5 */
  readonly failures?: number;
  /** In place of `failures`: this share of the latest calls, `minAttempts` of them or more, opens it; above 0, at most 1. @default none */
  readonly failureShare?: number;
  /** 1 or more. @default 20 */
  readonly minAttempts?: number;
  /** What is older counts no more; at least 10 ms. @default 30 s */
  readonly window?: Duration;
  /** How long it stays open before one call is let through, at least 1 ms. @default 30 s */
  readonly openFor?: Duration;
  /**
   * Up to this share of `openFor` is added by chance, 0 to 1, so that many that share an outage do not return together. @default 0
   */
  readonly jitter?: number;
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number;
  /**
   * Whether an error is the service's fault.
   * @default what `retry` would retry; a `PermanentError` tells nothing about the service
   */
  readonly isFailure?: (error: unknown) => boolean;
}

const NAMES = {
  failures: true,
  failureShare: true,
  minAttempts: true,
  window: true,
  openFor: true,
  jitter: true,
  random: true,
  isFailure: true,
} as const satisfies Record<keyof CircuitBreakerOptions, true>;

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
  private readonly recent: FailureWindow | undefined;
  private readonly failureShare: number;
  private readonly minAttempts: number;
  private readonly jitter: number;
  private readonly random: () => number;
  private readonly listeners = new Set<(state: 'open' | 'closed') => void>();

  /** @throws {VeloError} `VELO_INVALID_OPTION` for a bad option */
  constructor(options: CircuitBreakerOptions = {}) {
    checkNames(options, NAMES, 'CircuitBreaker');
    this.maxFailures = checkNumber(options.failures ?? 5, 'failures', 1, Number.MAX_SAFE_INTEGER, true);
    if (options.failures !== undefined && options.failureShare !== undefined)
      throw invalidOption(
        'failures',
        options.failures,
        'left out beside failureShare: one of them opens the circuit',
      );
    this.failureShare = checkNumber(options.failureShare ?? 1, 'failureShare', Number.MIN_VALUE, 1);
    this.minAttempts = checkNumber(
      options.minAttempts ?? 20,
      'minAttempts',
      1,
      Number.MAX_SAFE_INTEGER,
      true,
    );
    const window = toMilliseconds(options.window ?? '30s', 'window', { min: 10 });
    this.recent = options.failureShare === undefined ? undefined : new FailureWindow(window);
    this.jitter = checkNumber(options.jitter ?? 0, 'jitter', 0, 1);
    this.random = options.random ?? Math.random;
    if (typeof this.random !== 'function') throw invalidOption('random', this.random, 'a function');
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

  /** Milliseconds until a call may be let through; 0 while closed. */
  left(now: number): number {
    return this.openUntil === undefined ? 0 : Math.max(0, this.openUntil - now);
  }

  /**
   * Calls `listener` whenever the circuit opens, again too, or closes. It must not throw: what it throws is passed over.
   *
   * @returns a function that takes the listener away again
   */
  onChange(listener: (state: 'open' | 'closed') => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** A call that was allowed has succeeded. One from before the circuit opened is too late to tell. */
  succeeded(now: number): void {
    if (this.state(now) === 'open') return;
    this.failures = 0;
    this.trial = false;
    if (this.openUntil === undefined) {
      this.recent?.add(now, false);
      return;
    }
    this.openUntil = undefined;
    this.recent?.clear();
    this.tell('closed');
  }

  /** A call that was allowed has failed. One from before the circuit opened is too late to tell. */
  failed(now: number): void {
    if (this.state(now) === 'open') return;
    this.failures++;
    this.trial = false;
    if (this.openUntil === undefined && !this.isTooMuch(now)) return;
    this.openUntil = now + this.openFor * (1 + this.jitter * this.chance());
    this.tell('open');
  }

  /** With one more failure. */
  private isTooMuch(now: number): boolean {
    if (this.recent === undefined) return this.failures >= this.maxFailures;
    this.recent.add(now, true);
    return this.recent.share(this.minAttempts) >= this.failureShare;
  }

  /** Whatever `random` does. */
  private chance(): number {
    let chance = 0;
    callSafely(() => {
      chance = this.random();
    });
    return chance >= 0 && chance <= 1 ? chance : 0;
  }

  private tell(state: 'open' | 'closed'): void {
    for (const listener of this.listeners) callSafely(() => listener(state));
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
