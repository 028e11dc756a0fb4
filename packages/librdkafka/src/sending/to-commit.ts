import type { PartitionOffset } from '@velo/engine';
import type { RdKafkaTopicPartition } from '../api.js';

/** For a commit. Metadata come from the engine only where the client carries them. */
export function toCommit({ topic, partition, offset, metadata }: PartitionOffset): RdKafkaTopicPartition {
  return metadata ? { topic, partition, offset, metadata } : { topic, partition, offset };
}
