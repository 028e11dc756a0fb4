export * from '@velo/engine/public';
export type * from './api.js';
export { openRdKafkaClient, type RdKafkaClientOptions } from './client.js';
export type { TokenSource } from './connection/token-keeper.js';
export { createVelo, type RdKafkaVeloOptions } from './create-velo.js';
