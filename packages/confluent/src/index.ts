export * from '@velo/engine/public';
export type {
  ClientOptions as ConfluentClientOptions,
  LibrdKafkaVeloOptions as ConfluentVeloOptions,
  RdKafka,
  RdKafkaAdmin,
  RdKafkaCallback,
  RdKafkaClient,
  RdKafkaConsumer,
  RdKafkaMessage,
  RdKafkaMetadata,
  RdKafkaNative,
  RdKafkaPartition,
  RdKafkaProducer,
  RdKafkaProperties,
  RdKafkaTopicPartition,
  TokenSource,
} from '@velo/librdkafka';
export type * from './api.js';
export { openConfluentClient } from './client.js';
export { createVelo } from './create-velo.js';
