import type { Clock } from '@velo/retry-core';

/** Whoever sleeps, and can be woken before the time. No signal: of more than ten listeners Node would warn as of a leak. */
export class Sleepers {
  readonly #clock: Clock;
  readonly #wakes = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after `ms`, with `end`, or with `wake`. */
  sleep(ms: number, end?: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      let cancel = () => {};
      const wake = () => {
        cancel();
        this.#wakes.delete(wake);
        resolve();
      };
      this.#wakes.add(wake);
      if (ms < Number.POSITIVE_INFINITY) cancel = this.#clock.schedule(ms, wake);
      void end?.then(wake);
    });
  }

  wake(): void {
    for (const wake of this.#wakes) wake();
  }
}
