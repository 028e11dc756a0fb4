import library from '@confluentinc/kafka-javascript';
import type { Velo } from '@velo/engine';
import { createVeloOver, type LibrdKafkaVeloOptions } from '@velo/librdkafka';
import { knownLibrary } from './facts.js';

/**
 * velo over Confluent's client, by its callback API. Nothing connects before it is used.
 *
 * @param globalConfig librdkafka's properties, of clients and of topics alike: `bootstrap.servers`, security, …
 * @throws {VeloError} `VELO_INVALID_OPTION` for what are no properties, a property that librdkafka does not know, a value
 *   that it refuses, and for an option that there is not
 */
export function createVelo(globalConfig: object, options: LibrdKafkaVeloOptions = {}): Velo {
  return createVeloOver(knownLibrary(library), globalConfig, options);
}
