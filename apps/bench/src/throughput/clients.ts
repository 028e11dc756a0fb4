import type { ClientName, ConsumeResult, ConsumeTask } from './task.js';

/** Ways to consume over one Kafka client. */
export interface ThroughputClient {
  /** The design's: velo's throughput without failures, as a share of the client's alone. */
  readonly goal: number;
  /** Loads the client. */
  load(): Promise<Readonly<Record<ConsumeTask['contender'], (task: ConsumeTask) => Promise<ConsumeResult>>>>;
}

export const CLIENTS: Readonly<Record<ClientName, ThroughputClient>> = {
  kafkajs: {
    goal: 1.1,
    load: async () => {
      const { consumeByEachMessage, consumeByVeloOnKafkajs } = await import('./kafkajs-consumers.js');
      return { bare: consumeByEachMessage, velo: consumeByVeloOnKafkajs };
    },
  },
  rdkafka: {
    goal: 0.97,
    load: async () => {
      const { consumeByConsumeLoop, consumeByVeloOnRdkafka } = await import('./rdkafka-consumers.js');
      return { bare: consumeByConsumeLoop, velo: consumeByVeloOnRdkafka };
    },
  },
  confluent: {
    goal: 0.97,
    load: async () => {
      const { consumeByConfluentLoop, consumeByVeloOnConfluent } = await import('./confluent-consumers.js');
      return { bare: consumeByConfluentLoop, velo: consumeByVeloOnConfluent };
    },
  },
  platformatic: {
    goal: 0.8,
    load: async () => {
      const { consumeByFetchLoop, consumeByVeloOnPlatformatic } = await import('./platformatic-consumers.js');
      return { bare: consumeByFetchLoop, velo: consumeByVeloOnPlatformatic };
    },
  },
};
