import { createVeloOn, VELO_NAMES, type Velo, type VeloOptions } from '@velo/engine';
import { checkNames } from '@velo/retry-core';
import library from 'node-rdkafka';
import { openRdKafkaClient, type RdKafkaClientOptions } from './client.js';
import { checkConfig } from './connection/check-config.js';

export interface RdKafkaVeloOptions extends VeloOptions, Pick<RdKafkaClientOptions, 'token'> {}

const NAMES = { ...VELO_NAMES, token: true } as const satisfies Record<keyof RdKafkaVeloOptions, true>;

/**
 * velo over node-rdkafka. Nothing connects before it is used.
 *
 * @param globalConfig librdkafka's properties, of clients and of topics alike: `bootstrap.servers`, security, …
 * @throws {VeloError} `VELO_INVALID_OPTION` for what are no properties, a property that librdkafka does not know, a value
 *   that it refuses, and for an option that there is not
 */
export function createVelo(globalConfig: object, options: RdKafkaVeloOptions = {}): Velo {
  checkNames(options, NAMES, 'createVelo()');
  const { token, ...common } = options;
  const { logger = console } = common;
  checkConfig(library, globalConfig, token);
  return createVeloOn(() => openRdKafkaClient(library, globalConfig, { token, logger }), common);
}
