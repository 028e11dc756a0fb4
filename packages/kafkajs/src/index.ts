export * from '@velo/engine/public';
export type * from './api.js';
export { openKafkaJsClient } from './client.js';
export { createVelo } from './create-velo.js';
