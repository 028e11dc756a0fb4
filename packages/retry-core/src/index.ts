export { systemClock } from './clock.js';
export { resolveRetryOptions } from './config/resolve-retry-options.js';
export { retryDefaults } from './config/retry-defaults.js';
export { formatDuration } from './durations/format-duration.js';
export { parseDuration } from './durations/parse-duration.js';
export { lazyHeaders, noHeaders } from './engine/headers.js';
export { partitionKey } from './engine/record.js';
export { createVeloOn } from './engine/velo.js';
export { categorizeErrorCode } from './errors/categorize-error-code.js';
export { categorizeErrorMessage } from './errors/categorize-error-message.js';
export { categorizeKafkaError } from './errors/categorize-kafka-error.js';
export { errorCategories, isRetriableCategory } from './errors/category.js';
export { classifyKafkaError } from './errors/classify-kafka-error.js';
export { explainKafkaError } from './errors/explain-kafka-error.js';
export { findKafkaError } from './errors/find-kafka-error.js';
export { findKafkaErrorByText } from './errors/find-kafka-error-by-text.js';
export { isKafkaClientError } from './errors/is-kafka-client-error.js';
export { kafkaErrorCodes } from './errors/kafka-error-codes.js';
export { reportPerformanceMetrics } from './metrics/report.js';
export { RetryMetrics } from './metrics/retry-metrics.js';
export { CircuitBreaker } from './retry/circuit-breaker.js';
export { createRetrier } from './retry/create-retrier.js';
export { retry } from './retry/retry.js';
export { RetryBudget } from './retry/retry-budget.js';
export { calculateRetryDelay } from './strategies/calculate-retry-delay.js';
export { exponential } from './strategies/exponential.js';
export { fixed } from './strategies/fixed.js';
export { linear } from './strategies/linear.js';
export { withJitter } from './strategies/with-jitter.js';
export { CircuitOpenError, isVeloError, PermanentError, RetriableError, RetriesExhaustedError, VeloError } from './velo-error.js';

export type { Clock } from './clock.js';
export type { ResolvedRetryOptions, ResolveRetryOptions } from './config/resolve-retry-options.js';
export type { RetryDefaults } from './config/retry-defaults.js';
export type { Duration } from './durations/duration.js';
export type {
  ClientBinding,
  ClientCapabilities,
  CommittedOffset,
  GroupMember,
  Membership,
  MemberSink,
  OffsetRange,
  OutgoingHeader,
  OutgoingRecord,
  PartitionOffset,
  PublishOutcome,
  TopicSpec,
} from './engine/binding.js';
export type {
  ConsumerConfig,
  ExhaustedPolicy,
  HandlerContext,
  InPlaceRetry,
  Logger,
  RetryPolicy,
  TopicPolicy,
  TopologyPolicy,
} from './engine/config.js';
export type { VeloConsumer } from './engine/consumer.js';
export type { ConsumerEvent, ConsumerEvents, Listener } from './engine/events.js';
export type { ConsumerHealth, HealthState, PartitionHealth } from './engine/health.js';
export type { ProducerConfig, ProducerMessage, RecordMetadata, TopicMessages, VeloProducer } from './engine/producer.js';
export type { KafkaHeader, KafkaHeaders, KafkaRecord, TopicPartition } from './engine/record.js';
export type { TopicWait } from './engine/topics.js';
export type { NewTopic, Velo, VeloOptions } from './engine/velo.js';
export type { ErrorCategory } from './errors/category.js';
export type { KafkaErrorCode, KafkaErrorGroup } from './errors/kafka-error-code.js';
export type { RecoveryAction } from './errors/recovery-action.js';
export type { RetryMetricsSnapshot } from './metrics/metrics.js';
export type { MetricsSink } from './metrics/report.js';
export type { CircuitBreakerOptions, CircuitState } from './retry/circuit-breaker.js';
export type { Retrier } from './retry/create-retrier.js';
export type { Operation, RetryContext, RetryEvent, RetryOptions } from './retry/options.js';
export type { RetryBudgetOptions } from './retry/retry-budget.js';
export type { RetryStrategy } from './strategies/strategy.js';
export type { JitterMode } from './strategies/with-jitter.js';
export type { VeloErrorCode } from './velo-error.js';
