import type { Clock } from '@velo/retry-core';
import type { MemberTransactions, TransactionScope } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { partitionOf, type TopicPartition } from '../binding/record.js';
import { asTheyCome } from './as-they-come.js';

/** ms. Those that are fenced until then come together, so that their positions are asked for together. */
const TOGETHER = 1_000;

/** Partitions whose earlier transactions have ended, and those where that is not sure. */
export interface Fenced<P> {
  readonly fenced: readonly P[];
  readonly refused: readonly P[];
  /** Of those refused, the first one's. */
  readonly error: unknown;
}

/**
 * Ends the earlier transactions of partitions, and gives them as they come. A transaction that has written to a partition
 * without a leader cannot end before there is one: by partition, that holds up no other.
 */
export async function* fence<P extends TopicPartition>(
  partitions: readonly P[],
  transactions: MemberTransactions | undefined,
  scope: TransactionScope | undefined,
  clock: Clock,
): AsyncGenerator<Fenced<P>, void> {
  const groups = scope === 'by-partition' ? partitions.map((one) => [one]) : [partitions];
  const fences = groups.map(async (of): Promise<Fenced<P>> => {
    try {
      await transactions?.fence(of.map(partitionOf));
      return { fenced: of, refused: [], error: undefined };
    } catch (error) {
      return { fenced: [], refused: of, error };
    }
  });
  await within(TOGETHER, Promise.all(fences), clock);
  for await (const come of asTheyCome(fences)) {
    yield {
      fenced: come.flatMap(({ fenced }) => fenced),
      refused: come.flatMap(({ refused }) => refused),
      error: come.find(({ refused }) => refused.length > 0)?.error,
    };
  }
}
