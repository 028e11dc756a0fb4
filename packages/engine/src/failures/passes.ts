import type { Waiting } from './decide.js';

/** A tier fits what is left to wait if it takes so much of itself: the rest of it was spent on the way through the tiers before. */
const FITS = 0.9;

/** The tier through which a copy waits on: the longest that fits, and the shortest where none does. */
export function nextPass<T extends Waiting>(tiers: readonly T[], leftMs: number): T {
  const byWait = tiers.toSorted((a, b) => b.wait - a.wait);
  return byWait.find(({ wait }) => wait * FITS <= leftMs) ?? (byWait.at(-1) as T);
}
