import type { ClientBinding } from '@velo/engine';
import { isNewer } from '@velo/newer-node';
import type { PlatformaticLibrary } from '@velo/platformatic';

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
  platformatic: async (brokers) => {
    const { checkClientConfig, openPlatformaticClient } = await import('@velo/platformatic');
    const library = await import('@platformatic/kafka');
    const config = checkClientConfig({ clientId: 'chaos', bootstrapBrokers: brokers });
    return () => openPlatformaticClient(library as unknown as PlatformaticLibrary, config);
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
  platformatic: { sessionTimeout: 6_000, heartbeatInterval: 500 },
};

export function openClient(name: ClientName, brokers: readonly string[]): Promise<() => ClientBinding> {
  return CLIENTS[name](brokers);
}

/** The client of that name, or kafkajs where this process is not of the Node that it needs. */
export function clientHere(name: ClientName): ClientName {
  return name === 'platformatic' && !isNewer(process.versions.node) ? 'kafkajs' : name;
}

export function consumerSettings(name: ClientName): object {
  return CONSUMER_SETTINGS[name];
}
