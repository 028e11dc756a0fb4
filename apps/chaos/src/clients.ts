import type { ClientBinding } from '@velo/engine';

/** Makes bindings to a cluster, one for each consumer or producer. */
type OpenClient = (brokers: readonly string[]) => Promise<() => ClientBinding>;

/** Each loads its client only when it is chosen. Members and the producer use it; whoever checks uses kafkajs. */
const CLIENTS = {
  kafkajs: async (brokers) => {
    const { openKafkaJsClient } = await import('@velo/kafkajs');
    const { kafkaFor } = await import('./cluster/plain-kafka.js');
    const kafka = kafkaFor(brokers);
    return () => openKafkaJsClient(kafka);
  },
  rdkafka: async (brokers) => {
    const { openRdKafkaClient } = await import('@velo/rdkafka');
    const { default: library } = await import('node-rdkafka');
    return () => openRdKafkaClient(library, { 'bootstrap.servers': brokers.join() });
  },
  confluent: async (brokers) => {
    const { openConfluentClient } = await import('@velo/confluent');
    const { default: library } = await import('@confluentinc/kafka-javascript');
    return () => openConfluentClient(library, { 'bootstrap.servers': brokers.join() });
  },
} satisfies Record<string, OpenClient>;

export type ClientName = keyof typeof CLIENTS;

/** What `--client` takes. */
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

const LIBRDKAFKA = { 'session.timeout.ms': 6_000, 'heartbeat.interval.ms': 500 };

/** Settings of the client's own consumer: a dead member's partitions come free after the session timeout. */
const CONSUMER_SETTINGS: Record<ClientName, object> = {
  kafkajs: { sessionTimeout: 6_000, heartbeatInterval: 500 },
  rdkafka: LIBRDKAFKA,
  confluent: LIBRDKAFKA,
};

export function openClient(name: ClientName, brokers: readonly string[]): Promise<() => ClientBinding> {
  return CLIENTS[name](brokers);
}

export function consumerSettings(name: ClientName): object {
  return CONSUMER_SETTINGS[name];
}
