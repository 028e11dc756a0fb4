import type { Clock } from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';

/** A handler that has not ended yet. */
export interface RunningHandler {
  readonly context: {
    readonly record: KafkaRecord;
    readonly tier: number;
    readonly totalAttempts: number;
  };
  /** By the clock's `now`, ms. */
  readonly since: number;
}

export interface StallWatchOptions {
  readonly running: () => Iterable<RunningHandler>;
  /** ms */
  readonly stallAfter: number;
  readonly onStall: (running: RunningHandler, time: number) => void;
  readonly clock: Clock;
}

/** Between two looks, ms. */
const MAX_INTERVAL = 5_000;

/** Looks for handlers that never settle, and tells of each once. Gives back what ends the watch. */
export function watchForStalls({ running, stallAfter, onStall, clock }: StallWatchOptions): () => void {
  const told = new WeakSet<object>();
  let cancel = () => {};
  const look = () => {
    for (const one of running()) {
      const time = clock.now() - one.since;
      if (time < stallAfter || told.has(one.context)) continue;
      told.add(one.context);
      onStall(one, time);
    }
    cancel = clock.schedule(Math.min(stallAfter / 2, MAX_INTERVAL), look);
  };
  look();
  return () => cancel();
}
