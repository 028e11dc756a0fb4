import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** MB on the heap when all that nobody holds has been collected. */
export function heapInUse(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

/** A text of 1 MB, one object in memory. */
export function megabyte(seed: number): string {
  return Buffer.alloc(1e6, 97 + (seed % 26)).toString('latin1');
}
