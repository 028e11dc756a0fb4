import { createVeloOn, readProperty, type Velo, type VeloOptions, wrongClient } from '@velo/engine';
import type { KafkaJs } from './api.js';
import { openKafkaJsClient } from './client.js';

/**
 * velo over a kafkajs client. Nothing connects before it is used.
 *
 * @param kafka `new Kafka({ … })` of kafkajs, or what speaks its API
 * @throws {VeloError} `VELO_INVALID_OPTION` for what is no such client, and for an option that there is not
 */
export function createVelo(kafka: KafkaJs, options?: VeloOptions): Velo {
  if (['consumer', 'producer', 'admin'].some((name) => typeof readProperty(kafka, name) !== 'function'))
    throw wrongClient(
      '`new Kafka({ … })` of kafkajs',
      kafka,
      "Pass the client itself: createVelo(new Kafka({ brokers: ['localhost:9092'] })).",
    );
  return createVeloOn(() => openKafkaJsClient(kafka), options);
}
