import { readText } from '@velo/engine';
import { foreignMessage } from '@velo/retry-core';
import type { RdKafka } from '../api.js';
import type { ClientLibrary } from '../facts.js';
import { checkProperties } from '../properties/check-properties.js';
import { type ClientConfig, consumerConfig, producerConfig, theirPart } from '../properties/config.js';
import { checkValues, type Takes } from '../properties/property-values.js';
import { refusedConfig } from '../properties/refused-config.js';
import type { TokenSource } from './token-keeper.js';

/**
 * Lets librdkafka look at a configuration without connecting. Whether properties fit each other, and whether files can
 * be read, it says only to a client that connects: see `Handle`.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming a property that it does not know, or whose value it refuses
 */
export function checkConfig(library: ClientLibrary, given: object, token?: TokenSource): void {
  checkProperties(takenBy(library), library.facts.remedy, given, token);
  const producer = producerConfig(given);
  attempt(() => new library.Producer(producer.global, producer.topic));
  attempt(() => construct(library, consumerConfig(given, 'check')));
}

/** The same for the properties of one consumer, `client`, over the given ones. */
export function checkConsumerConfig(library: RdKafka, given: object, client: object = {}): void {
  checkValues(takenBy(library), theirPart(client));
  attempt(() => construct(library, consumerConfig(given, 'check', client)));
}

function construct({ KafkaConsumer }: RdKafka, { global, topic }: ClientConfig): unknown {
  return new KafkaConsumer(global, topic);
}

function attempt(create: () => unknown): void {
  try {
    create();
  } catch (error) {
    throw refusedConfig(foreignMessage(error).trim(), error);
  }
}

/** librdkafka takes a value for a property, or knows it and finds it too small or too large. */
function takenBy({ Producer }: RdKafka): Takes {
  return (name, value) =>
    [() => new Producer({ [name]: value }, {}), () => new Producer({}, { [name]: value })].some((create) => {
      try {
        create();
        return true;
      } catch (error) {
        return /outside allowed range/.test(readText(error, 'message'));
      }
    });
}
