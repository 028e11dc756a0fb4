import type { RateLimits } from '../plan/flow.js';

/**
 * At most `perSecond` starts a second, and `burst` at once after a rest. By the time at which all that have started are paid for (a
 * generic cell rate algorithm): one number, and starts stand apart evenly. Time is an argument.
 */
export class Rate {
  /** Between two starts, ms. */
  readonly #interval: number;
  /** So far ahead of the clock starts may be paid for, ms. */
  readonly #ahead: number;
  #paidUntil = Number.NEGATIVE_INFINITY;

  constructor({ perSecond, burst }: RateLimits) {
    this.#interval = 1_000 / perSecond;
    this.#ahead = (burst - 1) * this.#interval;
  }

  /** How many may start now. */
  available(now: number): number {
    return Math.max(
      0,
      Math.floor((this.#ahead + now - Math.max(this.#paidUntil, now)) / this.#interval + 1 + ROUNDING),
    );
  }

  /** Until the next one may start, ms; 0: now. */
  wait(now: number): number {
    return this.available(now) > 0 ? 0 : Math.max(1, Math.ceil(this.#paidUntil - this.#ahead - now));
  }

  /** So many start now: more than are available are paid for by those after them. */
  take(count: number, now: number): void {
    this.#paidUntil = Math.max(this.#paidUntil, now) + count * this.#interval;
  }

  /** Nobody was limited for a while. */
  isRested(now: number): boolean {
    return now - this.#paidUntil >= REST;
  }
}

/** ms */
const REST = 1_000;

/** Of sums of binary fractions. */
const ROUNDING = 1e-6;
