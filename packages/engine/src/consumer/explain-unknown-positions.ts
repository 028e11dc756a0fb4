import { explainKafkaError, formatDuration, isVeloError } from '@velo/retry-core';
import { namePartitions } from '../binding/name-partitions.js';
import type { TopicPartition } from '../binding/record.js';
import { adviseOnRights } from '../sending/patience.js';

/** For people: what happened, what it means, what to do. */
export function explainUnknownPositions(
  groupId: string,
  partitions: readonly TopicPartition[],
  error: unknown,
  delay: number,
): string {
  const [first] = partitions;
  const context = { groupId, ...(first && { topic: first.topic }) };
  const reason = ownWords(error) ?? (adviseOnRights(error, context) || explainKafkaError(error, context));
  return `Where group "${groupId}" stands is not known yet for these partitions: ${namePartitions(partitions)}. Their records wait, none is lost, and others go on; it is asked for again in ${formatDuration(delay)}. ${reason}`;
}

/** Of an error that velo has made by itself. */
function ownWords(error: unknown): string | undefined {
  return isVeloError(error) && error.cause === undefined ? error.message : undefined;
}
