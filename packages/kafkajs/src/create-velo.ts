import { createVeloOn, type Velo, type VeloOptions } from '@velo/engine';
import type { KafkaJs } from './api.js';
import { openKafkaJsClient } from './client.js';

/**
 * velo over a kafkajs client. Nothing connects before it is used.
 *
 * @param kafka `new Kafka({ … })` of kafkajs, or what speaks its API
 */
export function createVelo(kafka: KafkaJs, options?: VeloOptions): Velo {
  return createVeloOn(() => openKafkaJsClient(kafka), options);
}
