import type { Velo } from '@velo/engine';
import { createVeloOver, type LibrdKafkaVeloOptions, withFacts } from '@velo/librdkafka';
import library from 'node-rdkafka';
import { FACTS } from './facts.js';

/**
 * velo over node-rdkafka. Nothing connects before it is used.
 *
 * @param globalConfig librdkafka's properties, of clients and of topics alike: `bootstrap.servers`, security, …
 * @throws {VeloError} `VELO_INVALID_OPTION` for what are no properties, a property that librdkafka does not know, a value
 *   that it refuses, and for an option that there is not
 */
export function createVelo(globalConfig: object, options: LibrdKafkaVeloOptions = {}): Velo {
  return createVeloOver(withFacts(library, FACTS), globalConfig, options);
}
