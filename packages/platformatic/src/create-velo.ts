import * as library from '@platformatic/kafka';
import { createVeloOn, type Velo, type VeloOptions } from '@velo/engine';
import type { PlatformaticLibrary } from './api.js';
import { openPlatformaticClient } from './client.js';
import { checkNode } from './connection/check-node.js';
import { checkClientConfig, type PlatformaticOptions } from './connection/client-config.js';

/**
 * velo over @platformatic/kafka. Nothing connects before it is used.
 *
 * @param client the options that its own `Consumer`, `Producer` and `Admin` take: `clientId`, `bootstrapBrokers`, `sasl`, `tls`, …
 * @throws {VeloError} `VELO_INVALID_OPTION` for what are no such options, and for an option that there is not; `VELO_NOT_SUPPORTED`
 *   on a Node that the client does not run on
 */
export function createVelo(client: PlatformaticOptions, options?: VeloOptions): Velo {
  checkNode(process.versions.node);
  const config = checkClientConfig(client);
  return createVeloOn(
    () => openPlatformaticClient(library as unknown as PlatformaticLibrary, config),
    options,
  );
}
