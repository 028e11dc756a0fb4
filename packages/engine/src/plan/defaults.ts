import { exponential, type RetryStrategy } from '@velo/retry-core';

/** What holds where a configuration says nothing. */
export const DEFAULTS = {
  startFrom: 'latest',
  handOff: 'at-least-once',
  perPartition: 1,
  batchRecords: 500,
  batchBytes: 1024 * 1024,
  /** ms */
  batchWait: 0,
  /** The first attempt included. */
  maxAttempts: 3,
  tiers: [],
  tierHeaders: 'velo',
  naming: 'velo',
  keepKeyOrder: false,
  stackTraces: false,
  exhausted: { action: 'dead-letter' },
  /** Of dead letters, ms. */
  retention: 2_592_000_000,
  refused: 'stop',
  guardDeadLetters: 100,
  guardShare: 0.5,
  /** ms */
  guardWithin: 600_000,
  guardThen: 'pause',
  breakerShare: 0.5,
  breakerAttempts: 20,
  /** ms */
  breakerWindow: 30_000,
  /** ms */
  breakerOpenFor: 30_000,
  budgetRatio: 0.2,
  budgetPerSecond: 10,
  budgetCapacity: 100,
  createTopics: 'if-missing',
  /** The brokers'. */
  replicationFactor: -1,
  bufferRecords: 2_000,
  bufferBytes: 8 * 1024 * 1024,
  bufferTotalBytes: 64 * 1024 * 1024,
  /** ms */
  commitInterval: 250,
  /** ms */
  stallAfter: 300_000,
} as const;

/** The waits between attempts in place. */
export const DEFAULT_STRATEGY: RetryStrategy = /* @__PURE__ */ exponential({
  initial: 100,
  multiplier: 2,
  max: 1_000,
});
