import { createVelo as createKafkaJsVelo } from '@velo/kafkajs';
import { createVelo as createRdKafkaVelo, type Velo, type VeloOptions } from '@velo/rdkafka';
import type { EmbeddedBroker } from '@velo/testkit';
import { Kafka, logLevel } from 'kafkajs';

export interface AdapterInTest {
  readonly name: string;
  createVelo(broker: EmbeddedBroker, options: VeloOptions): Velo;
  /** Of a consumer that is to notice things soon. */
  readonly client: object;
}

export const kafkaOn = ({ brokers }: Pick<EmbeddedBroker, 'brokers'>) =>
  new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 2, maxRetryTime: 300 } });

export const adapters: readonly AdapterInTest[] = [
  {
    name: 'kafkajs',
    createVelo: (broker, options) => createKafkaJsVelo(kafkaOn(broker), options),
    client: { heartbeatInterval: 100, maxWaitTimeInMs: 100, metadataMaxAge: 300 },
  },
  {
    name: 'rdkafka',
    createVelo: ({ bootstrapServers }, options) =>
      createRdKafkaVelo({ 'bootstrap.servers': bootstrapServers, 'message.timeout.ms': 2_000 }, options),
    client: { 'fetch.wait.max.ms': 100, 'topic.metadata.refresh.interval.ms': 300 },
  },
];
