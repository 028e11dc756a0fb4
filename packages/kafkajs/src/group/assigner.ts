import {
  assignGroup,
  type Subscriber,
  type TopicPartition,
  VELO_PROTOCOL,
  writeSubscription,
} from '@velo/engine';
import type { KafkaJsAssigner, KafkaJsPartitionAssigner } from '../api.js';

/**
 * By their order the group prefers velo's, which all members must offer. Beside a bare kafkajs, or a velo of before,
 * it takes the name of kafkajs's own: whoever leads assigns in its own way, and here that way is the same.
 */
const NAMES = [VELO_PROTOCOL, 'RoundRobinAssigner'] as const;

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
  const known = (topic: string) => cluster.findTopicPartitionMetadata(topic).length;
  return {
    name,
    version: 0,
    protocol: ({ topics }) => ({ name, metadata: writeSubscription({ topics, families, owned: owned() }) }),
    async assign({ members }) {
      const { assignments } = await assignGroup(members, known, partitionCount);
      return [...assignments];
    },
  };
}
