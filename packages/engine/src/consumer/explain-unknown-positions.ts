import { explainKafkaError, formatDuration } from '@velo/retry-core';
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
  const reason = adviseOnRights(error, context) || explainKafkaError(error, context);
  return `Where group "${groupId}" stands is not known yet for these partitions: ${namePartitions(partitions)}. Their records wait, none is lost, and others go on; next try in ${formatDuration(delay)}. ${reason}`;
}
