import type { Logger, Observer, Velo } from '@velo/kafkajs';

export interface ClientOptions {
  readonly logger: Logger;
  readonly observers: readonly Observer[];
}

/** For a topic that is missing, velo looks again each half second: the demo is short. */
const PROPERTIES = { 'topic.retry.strategy': 'fixed', 'topic.retry.interval': '500ms' };

const librdkafka = (brokers: readonly string[]) => ({
  'client.id': 'velo-demo',
  'bootstrap.servers': brokers.join(),
});

/** Makes velo over one Kafka client; it is the same over each. Each loads its client only when it is chosen. */
const CLIENTS = {
  kafkajs: async (brokers: readonly string[], options: ClientOptions): Promise<Velo> => {
    const { createVelo } = await import('@velo/kafkajs');
    const { plainKafka } = await import('./plain-kafka.js');
    return createVelo(plainKafka(brokers), { properties: PROPERTIES, ...options });
  },
  rdkafka: async (brokers: readonly string[], options: ClientOptions): Promise<Velo> => {
    const { createVelo } = await import('@velo/rdkafka');
    return createVelo(librdkafka(brokers), { properties: PROPERTIES, ...options });
  },
  confluent: async (brokers: readonly string[], options: ClientOptions): Promise<Velo> => {
    const { createVelo } = await import('@velo/confluent');
    return createVelo(librdkafka(brokers), { properties: PROPERTIES, ...options });
  },
  platformatic: async (brokers: readonly string[], options: ClientOptions): Promise<Velo> => {
    const { createVelo } = await import('@velo/platformatic');
    const client = { clientId: 'velo-demo', bootstrapBrokers: brokers };
    return createVelo(client, { properties: PROPERTIES, ...options });
  },
};

export type ClientName = keyof typeof CLIENTS;

/** What `--client` takes. */
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

/** velo over the Kafka client of that name. */
export function createClient(
  name: ClientName,
  brokers: readonly string[],
  options: ClientOptions,
): Promise<Velo> {
  return CLIENTS[name](brokers, options);
}
