import { type TopicPartition, within } from '@velo/engine';
import type { KafkaJsAssigner, KafkaJsPartitionAssigner } from '../api.js';
import { writeAssignment } from '../quirks/consumer-protocol.js';
import { assignPartitions, type Subscriber } from './assign-partitions.js';
import { readSubscription, writeSubscription } from './subscription.js';

/**
 * By their order the group prefers `velo`, which all members must offer. Beside a bare kafkajs, or a velo of before,
 * it takes the name of kafkajs's own: whoever leads assigns in its own way, and here that way is the same.
 */
const NAMES = ['velo', 'RoundRobinAssigner'] as const;
/** Of a topic that the leader does not read: brokers may not know it yet, or may have other troubles. */
const MAX_TRIES = 3;
/** Between two tries, ms. */
const PAUSE = 250;
/** For all tries, ms. The group waits meanwhile. */
const LIMIT = 5_000;

export interface AssignerOptions {
  readonly families: Subscriber['families'];
  /** What this member has, or its crashed predecessor had. */
  readonly owned: () => readonly TopicPartition[];
  /** Asks the brokers; 0 for a topic that they do not have. */
  readonly partitionCount: (topic: string) => Promise<number>;
}

/**
 * kafkajs's own assigner deals the topics of the group's leader out to everybody, and members drop those that they
 * have not subscribed to; the topics of others reach nobody. These read what each member has subscribed to.
 */
export function partitionAssigners(options: AssignerOptions): KafkaJsPartitionAssigner[] {
  return NAMES.map(
    (name) =>
      ({ cluster }) =>
        assigner(name, cluster, options),
  );
}

function assigner(
  name: string,
  cluster: Parameters<KafkaJsPartitionAssigner>[0]['cluster'],
  { families, owned, partitionCount }: AssignerOptions,
): KafkaJsAssigner {
  /** kafkajs has just refreshed the metadata of what it reads itself. */
  const countOf = async (topic: string): Promise<number> =>
    cluster.findTopicPartitionMetadata(topic).length || (await within(LIMIT, ask(topic))) || 0;
  const ask = async (topic: string): Promise<number> => {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const count = await partitionCount(topic).catch(() => 0);
      if (count > 0) return count;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return 0;
  };
  return {
    name,
    version: 0,
    protocol: ({ topics }) => ({ name, metadata: writeSubscription({ topics, families, owned: owned() }) }),
    async assign({ members }) {
      const group = members.map(
        ({ memberId, memberMetadata }): Subscriber => ({ memberId, ...readSubscription(memberMetadata) }),
      );
      const topics = [...new Set(group.flatMap((member) => member.topics))];
      const counts = await Promise.all(topics.map(async (topic) => [topic, await countOf(topic)] as const));
      return [...assignPartitions(group, new Map(counts))].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: writeAssignment(partitions),
      }));
    },
  };
}
