import type { ClientBinding } from '@velo/engine';
import { type ClientOptions, openLibrdKafkaClient } from '@velo/librdkafka';
import type { ConfluentKafka } from './api.js';
import { knownLibrary } from './facts.js';

/** Confluent's client as the engine wants one. Connects when something is asked for. */
export function openConfluentClient(
  library: ConfluentKafka,
  config: object,
  options: ClientOptions = {},
): ClientBinding {
  return openLibrdKafkaClient(knownLibrary(library), config, options);
}
