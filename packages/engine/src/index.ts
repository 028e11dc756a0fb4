export { foreignMessage, isVeloError, readArray, readProperty, readText, VeloError } from '@velo/retry-core';
export { Bell } from './binding/bell.js';
export type {
  ClientBinding,
  ClientCapabilities,
  CommittedOffset,
  Contact,
  GroupDescription,
  GroupMember,
  HandOver,
  MemberSink,
  Membership,
  MemberTransactions,
  OffsetRange,
  OutgoingHeader,
  OutgoingRecord,
  OverdueAnswer,
  PartitionOffset,
  PublishOutcome,
  TopicDescription,
  TopicSpec,
  TransactionCapabilities,
  TransactionFailure,
  TransactionOutcome,
  TransactionScope,
} from './binding/binding.js';
export {
  closed,
  isTooLate,
  KafkaCodeError,
  notCommitted,
  notFenced,
  tooLate,
  unwritableRecord,
  writablePart,
} from './binding/client-errors.js';
export { inTime, within } from './binding/deadline.js';
export { lazyHeaders, noHeaders } from './binding/lazy-headers.js';
export { isLegalPartition } from './binding/legal-partition.js';
export type { KafkaHeader, KafkaHeaders, KafkaRecord, TopicPartition } from './binding/record.js';
export { partitionKey } from './binding/record.js';
export { sizeInBytes } from './binding/record-size.js';
export { TRANSACTION_TIMEOUT } from './binding/transaction-timeout.js';
export { memberTransactionalId, transactionalId } from './binding/transactional-id.js';
export type { VeloConsumer } from './consumer/velo-consumer.js';
export type { DeadLetterReason } from './failures/decide.js';
export { MAX_COPY_GROWTH, MAX_STACK_GROWTH } from './headers/bounds.js';
export type { DeadLetterHeaders, TierHeaders } from './headers/profile.js';
export type { DeadLetterInfo } from './headers/read-dead-letter.js';
export { readDeadLetter } from './headers/read-dead-letter.js';
export type { ConsumerEvent, ConsumerEvents, Listener } from './observing/events.js';
export type { ConsumerHealth, HealthState, PartitionHealth } from './observing/health.js';
export type {
  BufferPolicy,
  ConsumerConfig,
  ExhaustedPolicy,
  HandlerContext,
  InPlaceRetry,
  Logger,
  RetryPolicy,
  TopicPolicy,
  TopologyPolicy,
} from './plan/config.js';
export type { DeadLetterRoute, GivenUp } from './plan/dead-letter-route.js';
export { safeLogger } from './plan/safe-logger.js';
export type { ProducerConfig, RecordMetadata, VeloProducer } from './producer/producer.js';
export type { ProducerMessage, TopicMessages } from './producer/producer-message.js';
export { MAX_GZIP_RECORD_BYTES } from './sending/request-size.js';
export type {
  AclOperation,
  ConsumerRequirements,
  RequiredAcl,
  RequiredTopic,
  RequirementsOptions,
} from './topology/requirements.js';
export type { TopicWait } from './topology/wait-for-topic.js';
export type { NewTopic, Velo, VeloOptions } from './velo.js';
export { createVeloOn } from './velo.js';
