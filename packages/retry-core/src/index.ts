export { adopt, callSafely, isThenable, watchRejection } from './adopt.js';
export type { OptionNames } from './check-names.js';
export { checkNames, unknownName } from './check-names.js';
export { checkNumber } from './check-number.js';
export type { Clock } from './clock.js';
export { nextTurn, sleep, systemClock } from './clock.js';
export type {
  HandlingSetting,
  HandlingSettings,
  HandlingSources,
  HandlingValues,
} from './config/handling-settings.js';
export { handlingSettings } from './config/handling-settings.js';
export type { StrategyName } from './config/read-text.js';
export type { ResolvedRetryOptions, ResolveRetryOptions } from './config/resolve-retry-options.js';
export { resolveRetryOptions } from './config/resolve-retry-options.js';
export type { RetryDefaults } from './config/retry-defaults.js';
export { retryDefaults } from './config/retry-defaults.js';
export type { RetryOverrides, TextMap } from './config/settings.js';
export type { Duration, DurationLimits } from './durations/duration.js';
export { toMilliseconds } from './durations/duration.js';
export { formatDuration } from './durations/format-duration.js';
export { parseDuration } from './durations/parse-duration.js';
export type { ErrorCategory } from './error-category.js';
export { errorCategories, isRetriableCategory } from './error-category.js';
export { categorizeErrorCode } from './errors/categorize-error-code.js';
export { categorizeErrorMessage } from './errors/categorize-error-message.js';
export { categorizeKafkaError } from './errors/categorize-kafka-error.js';
export type { KafkaErrorVerdict } from './errors/classify-kafka-error.js';
export { classifyKafkaError } from './errors/classify-kafka-error.js';
export type { ExplainContext } from './errors/explain-kafka-error.js';
export { explainKafkaError } from './errors/explain-kafka-error.js';
export { findKafkaError } from './errors/find-kafka-error.js';
export { findKafkaErrorByText } from './errors/find-kafka-error-by-text.js';
export { foreignMessage, foreignText } from './errors/foreign-text.js';
export { isKafkaClientError } from './errors/is-kafka-client-error.js';
export type { KafkaErrorCode, KafkaErrorGroup } from './errors/kafka-error-code.js';
export { kafkaErrorGroups } from './errors/kafka-error-code.js';
export { kafkaErrorCodes } from './errors/kafka-error-codes.js';
export { printable, printableLines, printed, shellWord } from './errors/printable.js';
export type { RecoveryAction } from './errors/recovery-action.js';
export { recoveryActions } from './errors/recovery-action.js';
export { isRefusedLogin } from './errors/refused-login.js';
export { readArray, readProperty, readText } from './errors/safe-read.js';
export { stripSecrets } from './errors/strip-secrets.js';
export type { RetryCounters, RetryMetricsSnapshot } from './metrics/metrics.js';
export type { MetricsSink } from './metrics/report.js';
export { reportPerformanceMetrics } from './metrics/report.js';
export { RetryMetrics } from './metrics/retry-metrics.js';
export type { SharedRetryMetricsOptions } from './metrics/shared-retry-metrics.js';
export { SharedRetryMetrics } from './metrics/shared-retry-metrics.js';
export { isNear, nearest } from './nearest.js';
export { isProgramError } from './program-error.js';
export type { Outcome } from './retry/attempt.js';
export { runAttempt } from './retry/attempt.js';
export type { CircuitBreakerOptions, CircuitState } from './retry/circuit-breaker.js';
export { CircuitBreaker } from './retry/circuit-breaker.js';
export type { Retrier } from './retry/create-retrier.js';
export { createRetrier } from './retry/create-retrier.js';
export type { Judgement } from './retry/judge.js';
export { judge } from './retry/judge.js';
export type { Budget, Operation, RetryContext, RetryEvent, RetryOptions } from './retry/options.js';
export { retry } from './retry/retry.js';
export type { RetryBudgetOptions } from './retry/retry-budget.js';
export { RetryBudget } from './retry/retry-budget.js';
export type { RetryAfter } from './retry-after.js';
export { calculateRetryDelay } from './strategies/calculate-retry-delay.js';
export type { ExponentialOptions } from './strategies/exponential.js';
export { exponential } from './strategies/exponential.js';
export { fixed } from './strategies/fixed.js';
export type { LinearOptions } from './strategies/linear.js';
export { linear } from './strategies/linear.js';
export type { PredictiveOptions } from './strategies/predictive.js';
export { predictive } from './strategies/predictive.js';
export type { RetryOutcome, RetryStrategy } from './strategies/strategy.js';
export type { JitterMode } from './strategies/with-jitter.js';
export { withJitter } from './strategies/with-jitter.js';
export type {
  RetriableErrorOptions,
  RetriesExhaustedCode,
  RetriesExhaustedOptions,
  VeloErrorCode,
  VeloErrorOf,
  VeloErrorOptions,
} from './velo-error.js';
export {
  CircuitOpenError,
  invalidOption,
  isVeloError,
  messageOf,
  PermanentError,
  RetriableError,
  RetriesExhaustedError,
  show,
  VeloError,
} from './velo-error.js';
