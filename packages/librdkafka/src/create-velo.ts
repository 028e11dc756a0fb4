import { createVeloOn, VELO_NAMES, type Velo, type VeloOptions } from '@velo/engine';
import { checkNames } from '@velo/retry-core';
import { type ClientOptions, openLibrdKafkaClient } from './client.js';
import { checkConfig } from './connection/check-config.js';
import type { ClientLibrary } from './facts.js';

export interface LibrdKafkaVeloOptions extends VeloOptions, Pick<ClientOptions, 'token'> {}

const NAMES = { ...VELO_NAMES, token: true } as const satisfies Record<keyof LibrdKafkaVeloOptions, true>;

/** velo over a client of librdkafka's. */
export function createVeloOver(library: ClientLibrary, config: object, options: LibrdKafkaVeloOptions): Velo {
  checkNames(options, NAMES, 'createVelo()');
  const { token, ...common } = options;
  const { logger = console } = common;
  checkConfig(library, config, token);
  return createVeloOn(() => openLibrdKafkaClient(library, config, { token, logger }), common);
}
