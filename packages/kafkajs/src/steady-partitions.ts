import type { KafkaJs } from './kafkajs-api.js';
import { withClusters } from './private-cluster.js';

type Partitions = readonly { readonly partitionId: number }[];

/**
 * The same kafkajs, which deals partitions out in the order of their numbers. By itself it takes the order in which
 * the brokers list them, and that changes with their leaders: a rebalance with the same members would move partitions
 * from one to another without need, and all that is not committed yet is handled again.
 */
export function steadyPartitions(kafka: KafkaJs): KafkaJs {
  return withClusters(kafka, (cluster) => {
    const find = cluster.findTopicPartitionMetadata?.bind(cluster);
    if (find === undefined) return;
    // Looked up at each fetch; a list stays the same object until the metadata is fetched anew.
    const sorted = new WeakMap<Partitions, Partitions>();
    cluster.findTopicPartitionMetadata = (topic) => {
      const listed = find(topic);
      const known = sorted.get(listed);
      if (known !== undefined) return known;
      const ordered = [...listed].sort((a, b) => a.partitionId - b.partitionId);
      sorted.set(listed, ordered);
      return ordered;
    };
  });
}
