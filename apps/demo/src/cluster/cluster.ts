import type { Velo } from '@velo/kafkajs';

/** Where the demo's topics live: the embedded broker, or a real Kafka. */
export interface Cluster {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  /** Absent where the demo must not harm the brokers. */
  readonly faults: BrokerFaults | undefined;
  createTopics(topics: readonly string[], partitions: number): Promise<void>;
  stop(): Promise<void>;
}

/** Faults that only the embedded broker can have on request. */
export interface BrokerFaults {
  /** The id of the broker that goes down. */
  readonly victim: number;
  takeDown(): void;
  bringUp(): void;
  /** Every partition of every topic gets another leader, so that requests to the old one fail. */
  changeLeaders(): void;
}

/** How many brokers run in this process, with the ids 1 to this number. */
const BROKERS = 3;

/** What the films go through, in words. */
export function describeCluster(brokers: readonly string[] | undefined): string {
  if (brokers === undefined) return `an embedded Kafka with ${BROKERS} brokers, in this process`;
  return `the Kafka at ${brokers.join(', ')}`;
}

/**
 * Brokers in this process, on loopback ports. The one that goes down coordinates the group, too.
 */
export async function startEmbeddedCluster(groupId: string): Promise<Cluster> {
  const { startEmbeddedBroker } = await import('@velo/testkit'); // only here: it loads a native library
  const broker = await startEmbeddedBroker({ brokers: BROKERS });
  const victim = 2;
  broker.setCoordinator('group', groupId, victim);
  const leaders: { readonly topic: string; readonly partition: number; broker: number }[] = [];
  return {
    brokers: broker.brokers,
    faults: {
      victim,
      takeDown: () => broker.brokerDown(victim),
      bringUp: () => broker.brokerUp(victim),
      changeLeaders: () => {
        for (const leader of leaders) {
          leader.broker = (leader.broker % BROKERS) + 1;
          broker.setLeader(leader.topic, leader.partition, leader.broker);
        }
      },
    },
    createTopics: async (topics, partitions) => {
      for (const topic of topics) {
        broker.createTopic(topic, { partitions });
        for (let partition = 0; partition < partitions; partition++) {
          const leader = { topic, partition, broker: (partition % BROKERS) + 1 };
          broker.setLeader(topic, partition, leader.broker);
          leaders.push(leader);
        }
      }
    },
    stop: () => broker.stop(),
  };
}

/** A Kafka that somebody else runs: velo creates the topics, nothing harms the brokers. */
export function realCluster(brokers: readonly string[], velo: Velo): Cluster {
  return {
    brokers,
    faults: undefined,
    createTopics: (topics, partitions) =>
      velo.ensureTopics(topics.map((topic) => ({ topic, partitions, replicationFactor: -1 }))),
    stop: async () => {},
  };
}
