import { createRequire } from 'node:module';
import { type Addresses, type BindingUnderTest, createTopics, sleep } from '@velo/testkit/binding';
import { type Admin, type ITopicConfig, Kafka, logLevel } from 'kafkajs';
import type { KafkaJs } from '../src/api.js';
import { openKafkaJsClient } from '../src/index.js';
import type {
  AnswerReader,
  PrivateCluster,
  PrivateConnection,
  PrivateRequest,
} from '../src/quirks/private-cluster.js';

export function kafkaOn({ brokers }: Pick<Addresses, 'brokers'>): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 200 },
  });
}

export const kafkajs: BindingUnderTest = {
  name: 'kafkajs',
  open: (cluster) => openKafkaJsClient(kafkaOn(cluster)),
  quick: { maxWaitTimeInMs: 50, heartbeatInterval: 200 },
  assignors: { 'round robin': {} },
  headerOrder: true,
};

/** Resolves when all their partitions have leaders that know it. */
export async function createLedTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await createTopics(admin, topics);
  await Promise.all(topics.map(({ topic }) => offsetsOf(admin, topic)));
}

/** Of each partition, as soon as the brokers know who leads it. */
export async function offsetsOf(admin: Admin, topic: string): ReturnType<Admin['fetchTopicOffsets']> {
  for (;;) {
    const offsets = await admin.fetchTopicOffsets(topic).catch(() => undefined);
    if (offsets !== undefined) return offsets;
    await sleep(50);
  }
}

/** Modules of kafkajs that it does not export. */
export const requireBare = createRequire(import.meta.url);

/** A cluster as it is after a change of the kafkajs that made it. */
export function changedCluster<C extends PrivateCluster>(change: (kafka: KafkaJs) => KafkaJs, cluster: C): C {
  const create = Symbol('private:Kafka:createCluster');
  const kafka = change({ [create]: () => cluster } as unknown as KafkaJs);
  (kafka as unknown as Record<symbol, () => void>)[create]?.();
  return cluster;
}

/** What a cluster that was changed reads answers with, in place of kafkajs's own reader. */
export async function readerOf<T>(
  change: (kafka: KafkaJs) => KafkaJs,
  apiName: string,
  kafkajs: AnswerReader<T>,
  apiVersion = 6,
): Promise<AnswerReader<T>> {
  let sent: PrivateRequest | undefined;
  const send = async (request: PrivateRequest) => {
    sent = request;
  };
  const connection: PrivateConnection = { send };
  const { connectionPoolBuilder } = changedCluster(change, {
    connectionPoolBuilder: { build: async () => ({ pool: [connection] }) },
    findLeaderForPartitions: () => ({}),
  });
  await connectionPoolBuilder.build();
  await connection.send?.({ request: { apiName, apiVersion }, response: kafkajs as AnswerReader });
  return sent?.response as AnswerReader<T>;
}
