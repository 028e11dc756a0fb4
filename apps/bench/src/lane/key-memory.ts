import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a process needs, after a full collection, when so many records were handled. */
export interface MemoryPoint {
  readonly handled: number;
  /** MiB */
  readonly heap: number;
  /** MiB; what V8 has not given back counts, too. */
  readonly rss: number;
}

export interface KeyMemory {
  /** Different keys; their records come in turn. */
  readonly keys: number;
  readonly points: readonly MemoryPoint[];
}

export const MEMORY_RECORDS = 1_000_000;
/** The second one is where nothing can grow: what it needs is what the records themselves need. */
const KEYS = [MEMORY_RECORDS, 1_000];

const PROGRAM = ['./lane/key-memory-process.js', '../../dist/lane/key-memory-process.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((file) => existsSync(file));

/** A million records in memory by `order: 'key'`, 16 at once: with a key each, and with a thousand keys. */
export async function measureKeyMemory(): Promise<KeyMemory[]> {
  const measured: KeyMemory[] = [];
  for (const keys of KEYS) measured.push({ keys, points: await pointsOf(keys) });
  return measured;
}

function pointsOf(keys: number): Promise<MemoryPoint[]> {
  return new Promise((resolve, reject) => {
    if (PROGRAM === undefined) throw new Error('the bench is not built: npm run build');
    const child = fork(PROGRAM, [String(keys)], { execArgv: ['--expose-gc'] });
    const points: MemoryPoint[] = [];
    child.on('message', (point) => points.push(point as MemoryPoint));
    child.on('exit', (code) => {
      if (code === 0) resolve(points);
      else reject(new Error(`the process of ${keys} keys ended with ${code}`));
    });
  });
}

/** How much more memory the last point needs than the first, MiB. */
export function growthOf({ points }: KeyMemory): number {
  return (points.at(-1)?.heap ?? Number.NaN) - (points[0]?.heap ?? Number.NaN);
}
