import { createVeloOn, type Velo, type VeloOptions } from '@velo/engine';
import library from 'node-rdkafka';
import { openRdKafkaClient, type RdKafkaClientOptions } from './client.js';
import { checkConfig } from './connection/check-config.js';

export interface RdKafkaVeloOptions extends VeloOptions, Pick<RdKafkaClientOptions, 'token'> {}

/**
 * velo over node-rdkafka. Nothing connects before it is used.
 *
 * @param globalConfig librdkafka's properties, of clients and of topics alike: `bootstrap.servers`, security, …
 * @throws {VeloError} `VELO_INVALID_OPTION` for a property that librdkafka does not know, or a value that it refuses
 */
export function createVelo(globalConfig: object, options: RdKafkaVeloOptions = {}): Velo {
  const { token, logger = console } = options;
  checkConfig(library, globalConfig, token);
  return createVeloOn(() => openRdKafkaClient(library, globalConfig, { token, logger }), options);
}
