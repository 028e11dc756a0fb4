import { openSync, writeSync } from 'node:fs';
import { timeOfDay } from '../time-of-day.js';
import type { Entry } from './entry.js';

export type Write = (entry: Unstamped<Entry>) => void;

type Unstamped<E> = E extends Entry ? Omit<E, 'at'> : never;

/** Appends to a file, line by line and without a buffer: what is written outlives a kill -9 of the process. */
export function historyWriter(path: string): Write {
  const file = openSync(path, 'a');
  return (entry) => {
    writeSync(file, `${JSON.stringify({ at: timeOfDay(), ...entry })}\n`);
  };
}
