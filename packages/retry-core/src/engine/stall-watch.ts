import type { Clock } from '../clock.js';
import type { RunningTry } from './record-tries.js';

export interface StallWatchOptions {
  readonly running: () => Iterable<RunningTry>;
  /** ms */
  readonly stallAfter: number;
  readonly onStall: (running: RunningTry, time: number) => void;
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
