// Shown by "tells when an offset is out of range" of the binding suite (testkit, binding/suites/feeding.ts).
import type { TopicPartition } from '@velo/engine';
import type { KafkaJs } from '../api.js';
import { eachBroker, withClusters } from './private-cluster.js';

/**
 * The same kafkajs, which commits nothing by itself. Where its position is out of range, it would commit -2, "the
 * earliest", over what the group has committed, and nobody could tell any more where the group stood.
 *
 * @param onLost told of each partition instead; kafkajs goes on at what is committed, unless it is told where to go
 */
export function keptOffsets(kafka: KafkaJs, onLost: (partition: TopicPartition) => void): KafkaJs {
  return withClusters(kafka, (cluster) =>
    eachBroker(cluster, (broker) => {
      const commit = broker.offsetCommit?.bind(broker);
      if (commit === undefined) return;
      broker.offsetCommit = async (offsets) => {
        const lost = offsets.topics.flatMap(({ topic, partitions }) =>
          partitions.flatMap(({ partition, offset }) => (Number(offset) < 0 ? { topic, partition } : [])),
        );
        // Nobody else commits below 0.
        if (lost.length === 0) return commit(offsets);
        for (const partition of lost) onLost(partition);
        return undefined;
      };
    }),
  );
}
