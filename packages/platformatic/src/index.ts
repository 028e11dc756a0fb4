export * from '@velo/engine/public';
export type {
  Address,
  FetchedBatch,
  FetchedRecord,
  PlatformaticConnection,
  PlatformaticLibrary,
  PlatformaticReader,
  PlatformaticSocket,
} from './api.js';
export { openPlatformaticClient } from './client.js';
export type { ClientConfig, PlatformaticOptions } from './connection/client-config.js';
export { checkClientConfig } from './connection/client-config.js';
export { createVelo } from './create-velo.js';
