import type { OffsetsReset } from './interventions.js';
import { type Life, uncommitted } from './lives.js';

/** ms. By then every member has heard that a topic is another one, and has begun it anew. */
const NOTICED = 30_000;

/** What came again in one log, and why it might. */
export interface Comings {
  /** What came though nothing explains it, one text each. */
  readonly unexplained: readonly string[];
  /** Records that might come once more, by the reason: a count of each. */
  readonly uncommitted: number;
  readonly reset: number;
  readonly remade: number;
  /** How often each offset might come again because of administrators; those that might not are left out. */
  readonly returns: ReadonlyMap<number, number>;
  /** Offsets that might come again in the same life. */
  readonly early: ReadonlySet<number>;
}

/**
 * Goes through the lives of one partition of a log, in their order. Within a life nothing passes twice; a later life
 * tries only what an earlier one has left uncommitted, or what an administrator has brought back.
 *
 * @param began when the log was made in place of another one, ms since 1970: what was tried until its members noticed
 *   may come once more, in the same life too
 */
export function comingsOf(
  partition: string,
  lives: readonly Life[],
  resets: readonly OffsetsReset[],
  began = Number.NEGATIVE_INFINITY,
): Comings {
  const unexplained: string[] = [];
  const seen = new Set<number>();
  /** May come once more. */
  const free = new Set<number>();
  const returns = new Map<number, number>();
  const returned = (offset: number) => returns.set(offset, (returns.get(offset) ?? 0) + 1);
  const pending = resets.filter(({ partitions }) => partitions.has(partition));
  const earlyOnes = new Set<number>();
  let [left, reset] = [0, 0];
  for (const [i, life] of lives.entries()) {
    while (pending[0] !== undefined && pending[0].at <= life.began) {
      const from = pending.shift()?.partitions.get(partition)?.from ?? 0;
      for (const offset of seen) {
        if (offset < from) continue;
        returned(offset);
        if (!free.has(offset)) reset++;
        free.add(offset);
      }
    }
    const kept = new Set(uncommitted(life));
    for (const [offset, attempts] of life.attempts) {
      const early = (attempts[0]?.at ?? 0) <= began + NOTICED;
      const passed = attempts.filter((entry) => entry.passed).length;
      if (passed > (early ? 2 : 1))
        unexplained.push(`${partition}, offset ${offset}: ${life.process} handled it ${passed} times`);
      if (seen.has(offset) && !free.has(offset))
        unexplained.push(
          `${partition}, offset ${offset}: ${life.process} tried it again though it was committed`,
        );
      if (early && !earlyOnes.has(offset)) {
        earlyOnes.add(offset);
        returned(offset);
      }
      if (early || kept.has(offset)) free.add(offset);
      else free.delete(offset);
    }
    for (const offset of life.attempts.keys()) seen.add(offset);
    // After the last life nobody came to do anything again.
    if (i < lives.length - 1) left += kept.size;
  }
  return { unexplained, uncommitted: left, reset, remade: earlyOnes.size, returns, early: earlyOnes };
}
