export { foreignMessage } from '../errors/foreign-text.js';
export { readArray, readProperty, readText } from '../errors/safe-read.js';
export { isVeloError, VeloError } from '../velo-error.js';
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
  PartitionOffset,
  PublishOutcome,
  TopicDescription,
  TopicSpec,
  TransactionCapabilities,
  TransactionFailure,
  TransactionOutcome,
  TransactionScope,
} from './binding.js';
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
} from './config.js';
export type { VeloConsumer } from './consumer.js';
export type { DeadLetterRoute, GivenUp } from './dead-letter-route.js';
export type { DeadLetterReason } from './decide.js';
export type { ConsumerEvent, ConsumerEvents, Listener } from './events.js';
export { MAX_COPY_GROWTH, MAX_STACK_GROWTH } from './header-profiles/bounds.js';
export type { DeadLetterHeaders, TierHeaders } from './header-profiles/profile.js';
export type { DeadLetterInfo } from './header-profiles/read-dead-letter.js';
export { readDeadLetter } from './header-profiles/read-dead-letter.js';
export { lazyHeaders, noHeaders } from './headers.js';
export type { ConsumerHealth, HealthState, PartitionHealth } from './health.js';
export { isLegalPartition } from './legal-partition.js';
export { inTime, within } from './limits.js';
export type {
  ProducerConfig,
  ProducerMessage,
  RecordMetadata,
  TopicMessages,
  VeloProducer,
} from './producer.js';
export type { KafkaHeader, KafkaHeaders, KafkaRecord, TopicPartition } from './record.js';
export { partitionKey } from './record.js';
export { sizeInBytes } from './record-size.js';
export { MAX_GZIP_RECORD_BYTES } from './request-size.js';
export type {
  AclOperation,
  ConsumerRequirements,
  RequiredAcl,
  RequiredTopic,
  RequirementsOptions,
} from './requirements.js';
export { safeLogger } from './safe-logger.js';
export type { TopicWait } from './topics.js';
export { TRANSACTION_TIMEOUT } from './transaction-timeout.js';
export { memberTransactionalId, transactionalId } from './transactional-id.js';
export type { NewTopic, Velo, VeloOptions } from './velo.js';
export { createVeloOn } from './velo.js';
