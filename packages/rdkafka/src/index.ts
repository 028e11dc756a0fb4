export * from '@velo/engine/public';
export type {
  ClientOptions as RdKafkaClientOptions,
  LibrdKafkaVeloOptions as RdKafkaVeloOptions,
  TokenSource,
} from '@velo/librdkafka';
export type * from './api.js';
export { openRdKafkaClient } from './client.js';
export { createVelo } from './create-velo.js';
