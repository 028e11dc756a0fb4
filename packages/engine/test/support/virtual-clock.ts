import type { Clock } from '@velo/retry-core';

/** Time that moves only when a test says so; the time of day can be set besides. */
export class VirtualClock implements Clock {
  #now = 5_000;
  #wallAhead = 1_700_000_000_000;
  #timers: { at: number; order: number; wake: () => void }[] = [];
  #order = 0;

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now + this.#wallAhead;
  }

  /** Sets the time of day forward, or back: no timer and no duration may notice. */
  stepWall(ms: number): void {
    this.#wallAhead += ms;
  }

  /** Timers that wait at present. */
  get pending(): number {
    return this.#timers.length;
  }

  schedule(ms: number, wake: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms || 0), order: this.#order++, wake };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((candidate) => candidate !== timer);
    };
  }

  /** Lets what is ready run, then moves on from timer to timer until `ms` have passed. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = this.#timers
        .filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = end;
  }
}

/** Until all promises that are ready have run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
