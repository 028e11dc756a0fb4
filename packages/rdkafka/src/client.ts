import type { ClientBinding } from '@velo/engine';
import { type ClientOptions, openLibrdKafkaClient, type RdKafka, withFacts } from '@velo/librdkafka';
import { FACTS } from './facts.js';

/** node-rdkafka as the engine wants a client. Connects when something is asked for. */
export function openRdKafkaClient(
  library: RdKafka,
  config: object,
  options: ClientOptions = {},
): ClientBinding {
  return openLibrdKafkaClient(withFacts(library, FACTS), config, options);
}
