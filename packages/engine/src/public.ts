// What users of an adapter see of velo, listed once: each adapter hands it on, so that a team installs the adapter alone.
// Every type that an option, an event or a result mentions is among it: else a package that wraps velo could not name it.
// So is all of the core that the docs use: durations from a configuration, retriers for other calls, verdicts on errors.

export type {
  Budget,
  CircuitBreakerOptions,
  CircuitState,
  Clock,
  Duration,
  DurationLimits,
  ErrorCategory,
  ExplainContext,
  ExponentialOptions,
  JitterMode,
  KafkaErrorVerdict,
  LinearOptions,
  Operation,
  PredictiveOptions,
  RecoveryAction,
  RetriableErrorOptions,
  Retrier,
  RetriesExhaustedCode,
  RetriesExhaustedOptions,
  RetryAfter,
  RetryBudgetOptions,
  RetryContext,
  RetryCounters,
  RetryEvent,
  RetryMetricsSnapshot,
  RetryOptions,
  RetryOutcome,
  RetryStrategy,
  VeloErrorCode,
  VeloErrorOf,
  VeloErrorOptions,
} from '@velo/retry-core';
export {
  CircuitBreaker,
  CircuitOpenError,
  classifyKafkaError,
  createRetrier,
  explainKafkaError,
  exponential,
  fixed,
  formatDuration,
  isVeloError,
  linear,
  PermanentError,
  parseDuration,
  predictive,
  RetriableError,
  RetriesExhaustedError,
  RetryBudget,
  RetryMetrics,
  retry,
  toMilliseconds,
  VeloError,
  withJitter,
} from '@velo/retry-core';
export { BatchError, type BatchFailure } from './attempts/batch-error.js';
export type * from './binding/binding.js';
export type { KafkaHeader, KafkaHeaders, KafkaRecord, TopicPartition } from './binding/record.js';
export type { EndSignal } from './close-on.js';
export type { StopOptions } from './consumer/stop-limits.js';
export type { VeloConsumer } from './consumer/velo-consumer.js';
export type * from './dead-letters/types.js';
export type {
  DiagnoseOptions,
  Finding,
  FindingCheck,
  FindingStatus,
} from './diagnosis/finding.js';
export type { DeadLetterReason } from './failures/decide.js';
export type { DeadLetterHeaders, TierHeaders } from './headers/profile.js';
export type { DeadLetterError, DeadLetterInfo } from './headers/read-dead-letter.js';
export { readDeadLetter } from './headers/read-dead-letter.js';
export type {
  ConsumerEvent,
  ConsumerEvents,
  ConsumerListeners,
  Listener,
  OfFailure as EventOfFailure,
  OfRecord as EventOfRecord,
  ResetReason,
} from './observing/events.js';
export type { BufferGauges, ConsumerGauges, SourceGauges } from './observing/gauges.js';
export type { ConsumerHealth, HealthState, LastError, PartitionHealth } from './observing/health.js';
export type { HeldTopic, HoldReason } from './observing/held.js';
export type { PartitionLag } from './observing/lag.js';
export type * from './observing/observer.js';
export type {
  BatchContext,
  BatchPolicy,
  BreakerPolicy,
  BufferPolicy,
  ConcurrencyPolicy,
  ConsumerConfig,
  ConsumerSettings,
  ExhaustedPolicy,
  FlowPolicy,
  GuardPolicy,
  HandlerContext,
  HandlingOrder,
  InPlaceRetry,
  LogEntry,
  LogFields,
  Logger,
  RatePolicy,
  RecordSource,
  RetryBudgetPolicy,
  RetryPolicy,
  TopicNaming,
  TopicPolicy,
  TopologyPolicy,
} from './plan/config.js';
export type { DeadLetterRoute, GivenUp } from './plan/dead-letter-route.js';
export type {
  Decode,
  DecodeOfEachTopic,
  DecodeRequired,
  Decoding,
  OwnDecoding,
  OwnTopicPolicy,
} from './plan/decoding.js';
export type { ConsumerDefaults } from './plan/layers.js';
export { structuredLogger } from './plan/safe-logger.js';
export { topicPolicy } from './plan/topic-policy.js';
export type { ProducerConfig, RecordMetadata, VeloProducer } from './producer/producer.js';
export type { HeaderValue, ProducerMessage, TopicMessages } from './producer/producer-message.js';
export type { NewTopic } from './topology/ensure-topics.js';
export type {
  AclOperation,
  ConsumerRequirements,
  RequiredAcl,
  RequiredTopic,
  RequirementsOptions,
} from './topology/requirements.js';
export type { TopicWait } from './topology/wait-for-topic.js';
export type { Velo, VeloOptions } from './velo.js';
