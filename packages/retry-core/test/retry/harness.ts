import type { Clock } from '../../src/clock.js';
import type { Operation, RetryContext, RetryEvent } from '../../src/retry/options.js';

/** Virtual time: waits end at once and move the clock; timers fire when `advance` passes them. */
export class VirtualTime implements Clock {
  ms = 1_000;
  readonly waits: number[] = [];
  private timers: { at: number; wake: () => void }[] = [];

  readonly now = (): number => this.ms;

  wallTime(): number {
    return this.ms + 1_700_000_000_000;
  }

  readonly sleep = async (ms: number): Promise<void> => {
    this.waits.push(ms);
    this.ms += ms;
  };

  schedule(ms: number, wake: () => void): () => void {
    const timer = { at: this.ms + ms, wake };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  get pending(): number {
    return this.timers.length;
  }

  /** Moves the clock and fires what is due, letting promises settle between. */
  async advance(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      await settle();
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.ms = next.at;
      next.wake();
    }
    this.ms = end;
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await undefined;
}

/** An operation that fails with each error in turn, then succeeds with 'done'. */
export function failing(...errors: unknown[]): Operation<string> & { readonly contexts: RetryContext[] } {
  const contexts: RetryContext[] = [];
  const operation = async (context: RetryContext): Promise<string> => {
    contexts.push(context);
    if (contexts.length <= errors.length) throw errors[contexts.length - 1];
    return 'done';
  };
  return Object.assign(operation, { contexts });
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('was not rejected');
}

/** Collects events. */
export function recorder(): { events: RetryEvent[]; onRetry: (event: RetryEvent) => void } {
  const events: RetryEvent[] = [];
  return { events, onRetry: (event) => void events.push(event) };
}
