export * from '@velo/engine/public';
export type {
  Address,
  PlatformaticConnection,
  PlatformaticLibrary,
  PlatformaticSocket,
} from './api.js';
export { openPlatformaticClient } from './client.js';
export type { ClientConfig, PlatformaticOptions } from './connection/client-config.js';
export { checkClientConfig } from './connection/client-config.js';
export { createVelo } from './create-velo.js';
