import type { TopicPartition } from '@velo/engine';
import type { Source } from './source.js';

/** ms. Between two questions. */
const PAUSE = 100;

/** Where the group goes on in partitions; undefined for those whose leader does not answer. */
export type WhereToBegin = (
  partitions: readonly TopicPartition[],
) => Promise<readonly (number | undefined)[]>;

/**
 * Finds out where sources begin, until all have a position. Where nothing is committed, a partition begins at its earliest
 * record: the engine seeks forward where it wants to. Never rejects.
 *
 * @param open those that have none yet, and are still wanted
 */
export async function findPositions(
  open: () => readonly Source[],
  whereToBegin: WhereToBegin,
  onFound: () => void,
): Promise<void> {
  for (let wanted = open(); wanted.length > 0; wanted = open()) {
    try {
      const positions = await whereToBegin(wanted);
      const still = new Set(open());
      wanted.forEach((source, i) => {
        if (still.has(source)) source.position = positions[i];
      });
      onFound();
    } catch {
      // Asked again: a coordinator that is away, or a partition whose leader is.
    }
    if (open().length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
