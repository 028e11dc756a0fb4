import { createVeloOn, type Velo, type VeloOptions } from '@velo/engine';
import { openKafkaJsClient } from './client.js';
import type { KafkaJs } from './kafkajs-api.js';

/**
 * velo over a kafkajs client. Nothing connects before it is used.
 *
 * @param kafka `new Kafka({ … })` of kafkajs, or what speaks its API
 */
export function createVelo(kafka: KafkaJs, options?: VeloOptions): Velo {
  return createVeloOn(() => openKafkaJsClient(kafka), options);
}
