import { type Clock, foreignMessage, isThenable, systemClock, watchRejection } from '@velo/retry-core';

/** How often a log tells of observers that fail, ms. */
const TELL_EVERY = 60_000;

/** How observers are called: safely, and by which time. One for each velo. */
export class Watching {
  /** In ms, with fractions, for durations: handlers may take less than the whole ms that clocks count in. */
  readonly now: () => number;
  readonly #clock: Clock;
  readonly #complain: (message: string) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(clock: Clock, complain: (message: string) => void) {
    this.now = clock === systemClock ? () => performance.now() : () => clock.now();
    this.#clock = clock;
    this.#complain = complain;
  }

  /** Calls an observer. Never throws: what it fails to give is `undefined`. */
  ask<T extends object>(call: () => T | undefined): T | undefined {
    try {
      const answer: unknown = call();
      if (typeof answer !== 'object' || answer === null) return undefined;
      if (!isThenable(answer)) return answer as T;
      watchRejection(answer, this.report);
    } catch (error) {
      watchRejection(error);
      this.report(error);
    }
    return undefined;
  }

  readonly report = (error: unknown): void => {
    const now = this.#clock.now();
    if (now - this.#toldAt < TELL_EVERY) {
      this.#untold++;
      return;
    }
    const others = this.#untold > 0 ? ` So have ${this.#untold} other calls since this was last told.` : '';
    this.#toldAt = now;
    this.#untold = 0;
    this.#complain(
      `An observer has failed: ${foreignMessage(error)}.${others} Nothing is lost, but what it measures or traces may be missing. Mend the observer, or leave it out of observers.`,
    );
  };
}
