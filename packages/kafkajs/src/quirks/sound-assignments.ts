// Shown by test/sound-assignments.test.ts.
import {
  isLegalPartition,
  partitionKey,
  readAssignment,
  type TopicPartition,
  writeAssignment,
} from '@velo/engine';
import type { KafkaJs } from '../api.js';
import { eachBroker, type PrivateCluster, withClusters } from './private-cluster.js';

/**
 * The same kafkajs, which is assigned only what it can ask the brokers for: partitions that can exist, and that its
 * metadata has. An assignment is what the group's leader has written, which may be any member. By itself kafkajs asks the
 * brokers for whatever stands there: for a partition -1 they refuse its whole question, and it fails at each join; for one
 * that a topic does not have it asks in every round.
 *
 * A topic may just have grown, so the metadata are looked at anew first; and as soon as they show new partitions later,
 * kafkajs joins again by itself.
 *
 * @param onWithheld told of the rest, before kafkajs has joined; none: it was assigned all
 */
export function soundAssignments(
  kafka: KafkaJs,
  onWithheld: (partitions: readonly TopicPartition[]) => void,
): KafkaJs {
  return withClusters(kafka, (cluster) =>
    eachBroker(cluster, (broker) => {
      const sync = broker.syncGroup?.bind(broker);
      if (sync === undefined || cluster.findTopicPartitionMetadata === undefined) return;
      broker.syncGroup = async (request) => {
        const answer = await sync(request);
        // Named twice, a partition would be fetched twice.
        const assigned = withoutDoubles(readAssignment(answer.memberAssignment));
        const legal = assigned.filter(isLegalPartition);
        let sound = knownTo(cluster, legal);
        if (sound.size < legal.length) {
          await cluster.refreshMetadata?.().catch(() => {});
          sound = knownTo(cluster, legal);
        }
        onWithheld(assigned.filter((partition) => !sound.has(partition)));
        return { ...answer, memberAssignment: writeAssignment([...sound]) };
      };
    }),
  );
}

function knownTo(cluster: PrivateCluster, partitions: readonly TopicPartition[]): Set<TopicPartition> {
  const numbers = new Map<string, Set<number>>();
  for (const { topic } of partitions) {
    if (numbers.has(topic)) continue;
    const found = cluster.findTopicPartitionMetadata?.(topic) ?? [];
    numbers.set(topic, new Set(found.map(({ partitionId }) => partitionId)));
  }
  return new Set(partitions.filter(({ topic, partition }) => numbers.get(topic)?.has(partition)));
}

function withoutDoubles(partitions: readonly TopicPartition[]): TopicPartition[] {
  return [...new Map(partitions.map((one) => [partitionKey(one.topic, one.partition), one])).values()];
}
