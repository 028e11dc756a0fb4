import { openSync, writeSync } from 'node:fs';
import type { Entry } from './entry.js';

export type Write = (entry: Unstamped<Entry>) => void;

type Unstamped<E> = E extends Entry ? Omit<E, 'at'> : never;

/** ms since 1970, by a clock that is not set while the process lives. */
const timeOfDay = () => Math.trunc(performance.timeOrigin + performance.now());

/** Appends to a file, line by line and without a buffer: what is written outlives a kill -9 of the process. */
export function historyWriter(path: string): Write {
  const file = openSync(path, 'a');
  return (entry) => {
    writeSync(file, `${JSON.stringify({ at: timeOfDay(), ...entry })}\n`);
  };
}
