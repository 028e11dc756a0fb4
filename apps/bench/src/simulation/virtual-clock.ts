import type { Clock } from '@velo/engine';
import { EventQueue } from './event-queue.js';

/** Turns of the event loop that let run what is ready; what needs more goes on after the next timer. */
const TURNS = 2;

/** Time that moves on from timer to timer as fast as the machine can. */
export class VirtualClock implements Clock {
  #now = 0;
  /** Each timer has a number of its own, so that of equal times the one that was set first comes first. */
  #timers = 0;
  readonly #queue = new EventQueue(1_024);
  readonly #wakes = new Map<number, () => void>();

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  schedule(ms: number, wake: () => void): () => void {
    const timer = this.#timers++;
    this.#wakes.set(timer, wake);
    this.#queue.push(timer, this.#now + Math.max(0, ms || 0));
    return () => {
      this.#wakes.delete(timer);
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(ms, resolve));
  }

  /** Lets all happen that happens until then. */
  async runUntil(end: number): Promise<void> {
    await settle();
    while (this.#queue.next <= end) {
      const event = this.#queue.pop();
      const wake = event && this.#wakes.get(event.client);
      if (event === undefined || wake === undefined) continue;
      this.#wakes.delete(event.client);
      this.#now = event.time;
      wake();
      await settle();
    }
    this.#now = end;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await new Promise((resolve) => setImmediate(resolve));
}
