import { checkNames } from '../check-names.js';
import { checkNumber } from '../check-number.js';
import type { Budget } from './options.js';

export interface RetryBudgetOptions {
  /** Retries for each operation started, 0 to 1,000. @default 0.2 */
  readonly ratio?: number;
  /** Retries that are always allowed, per second, 0 to 1,000,000. @default 10 */
  readonly minPerSecond?: number;
  /** Retries that can be saved up, 1 to 1,000,000. @default 100 */
  readonly capacity?: number;
}

const NAMES = { ratio: true, minPerSecond: true, capacity: true } as const satisfies Record<
  keyof RetryBudgetOptions,
  true
>;

/** Tokens are counted in thousandths, which are whole: ten deposits of 0.1 make less than 1 in binary fractions. */
const RETRY = 1_000;

/**
 * A token bucket that many runs share, so that retries add at most `ratio` to the load of a service that is down
 * instead of multiplying it. It starts full.
 *
 * After Finagle's RetryBudget (deposit a share of each request, a minimum per second, a withdrawal a retry), with a
 * capacity in place of its expiry. Time is an argument.
 */
export class RetryBudget implements Budget {
  private tokens: number;
  private refilledAt = NaN;
  private readonly share: number;
  private readonly minPerSecond: number;
  private readonly capacity: number;

  /** @throws {VeloError} `VELO_INVALID_OPTION` for a number outside its limits, or an unknown option */
  constructor(options: RetryBudgetOptions = {}) {
    checkNames(options, NAMES, 'RetryBudget');
    const { ratio = 0.2, minPerSecond = 10, capacity = 100 } = options;
    this.share = Math.round(checkNumber(ratio, 'ratio', 0, 1e3) * RETRY);
    this.minPerSecond = checkNumber(minPerSecond, 'minPerSecond', 0, 1e6);
    this.capacity = this.tokens = checkNumber(capacity, 'capacity', 1, 1e6) * RETRY;
  }

  /** An operation was started. */
  deposit(): void {
    this.add(this.share);
  }

  /**
   * Whether a retry may be made; it is paid at once.
   *
   * @param now milliseconds; a clock that goes back refills nothing
   */
  withdraw(now: number): boolean {
    this.refill(now);
    if (this.tokens < RETRY) return false;
    this.tokens -= RETRY;
    return true;
  }

  /** How many retries could be made now, with fractions. */
  available(now: number): number {
    this.refill(now);
    return this.tokens / RETRY;
  }

  private refill(now: number): void {
    const elapsed = now - this.refilledAt;
    if (elapsed > 0) this.add(elapsed * this.minPerSecond); // ms times 1/s is thousandths
    this.refilledAt = now;
  }

  private add(tokens: number): void {
    this.tokens = Math.min(this.tokens + tokens, this.capacity);
  }
}
