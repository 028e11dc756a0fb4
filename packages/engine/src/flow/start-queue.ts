import type { Clock } from '@velo/retry-core';
import type { Rate } from './rate.js';

export interface StartQueueOptions {
  readonly rate: Rate | undefined;
  readonly clock: Clock;
  /** Nothing but the rate keeps one from starting. Whoever ends another hold, or offers a trial, wakes all. */
  readonly awaitsRateAlone: () => boolean;
}

/** Those who want to start, in the order they came. */
export class StartQueue {
  readonly #options: StartQueueOptions;
  readonly #waiting = new Set<() => void>();
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: StartQueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** @param wake called once, when asking again may help. @returns what forgets it */
  add(wake: () => void): () => void {
    this.#waiting.add(wake);
    this.#wakeByRate();
    return () => this.#waiting.delete(wake);
  }

  wakeAll(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Leaves no timer. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  /** As many as may start are woken, when they may. */
  #wakeByRate(): void {
    const { rate, clock, awaitsRateAlone } = this.#options;
    if (rate === undefined || this.#cancel !== undefined || this.#isClosed || !awaitsRateAlone()) return;
    this.#cancel = clock.schedule(Math.max(1, rate.wait(clock.now())), () => {
      this.#cancel = undefined;
      for (const wake of [...this.#waiting].slice(0, rate.available(clock.now()))) {
        this.#waiting.delete(wake);
        wake();
      }
      if (!this.isEmpty) this.#wakeByRate();
    });
  }
}
