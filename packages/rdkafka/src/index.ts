export type {
  ConsumerConfig,
  ConsumerEvent,
  ConsumerEvents,
  ConsumerHealth,
  DeadLetterHeaders,
  DeadLetterInfo,
  DeadLetterReason,
  HandlerContext,
  HealthState,
  KafkaHeaders,
  KafkaRecord,
  Logger,
  NewTopic,
  ProducerConfig,
  ProducerMessage,
  RecordMetadata,
  RetryPolicy,
  TierHeaders,
  TopicPolicy,
  Velo,
  VeloConsumer,
  VeloOptions,
  VeloProducer,
} from '@velo/engine';
// What handlers and configurations need, so that a team installs this package alone.
export { readDeadLetter } from '@velo/engine';
export type { Duration, RetryStrategy, VeloErrorCode } from '@velo/retry-core';
export {
  exponential,
  fixed,
  isVeloError,
  linear,
  PermanentError,
  RetriableError,
  VeloError,
  withJitter,
} from '@velo/retry-core';
export type { RdKafka } from './api.js';
export { openRdKafkaClient, type RdKafkaClientOptions } from './client.js';
export type { TokenSource } from './connection/token-keeper.js';
export { createVelo, type RdKafkaVeloOptions } from './create-velo.js';
