import type { TopicPartition } from './record.js';

/** Kafka counts partitions in 32 bits, and numbers them from 0. */
const MAX_COUNT = 2 ** 31 - 1;

/**
 * Whether a partition can exist. An assignment is what the group's leader has written, which may be any member: clients
 * hand on whatever numbers it holds, and some crash when they are asked for such a partition.
 */
export function isLegalPartition({ topic, partition }: TopicPartition): boolean {
  return topic !== '' && Number.isInteger(partition) && partition >= 0 && partition < MAX_COUNT;
}
