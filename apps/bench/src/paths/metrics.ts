import { type ErrorCategory, errorCategories, RetryMetrics, SharedRetryMetrics } from '@velo/retry-core';
import type { Case, Path } from '../micro/path.js';
import { AtomicMetrics } from '../references/atomic-metrics.js';
import { TwoCallMetrics } from '../references/two-call-metrics.js';
import { inputsOf, varied } from './inputs.js';

interface Counts {
  readonly attempts: number;
}

/** Throws if a counter did not count. */
function counted(name: string, read: () => Counts): () => void {
  return () => {
    if (!(read().attempts > 1_000)) throw new Error(`${name} did not count`);
  };
}

/** A case whose calls are looked at in the end. */
function counting<T>(
  name: string,
  kind: Case['kind'],
  counters: T,
  call: (counters: T) => Case['call'],
  read: (counters: T) => number,
): Case {
  return { name, kind, call: call(counters), verify: counted(name, () => ({ attempts: read(counters) })) };
}

const attemptsOf = (metrics: RetryMetrics | SharedRetryMetrics) => metrics.snapshot().attemptsTotal;

export const metricsPaths: readonly Path[] = [
  {
    id: 'metrics-error',
    title: 'count an attempt with an error',
    inputs: () => inputsOf((index) => String(varied(errorCategories)(index))),
    cases: () => [
      counting(
        'RetryMetrics',
        'velo',
        new RetryMetrics(),
        (metrics) => (category: ErrorCategory) => metrics.recordAttemptWithError(category),
        attemptsOf,
      ),
      counting(
        'SharedRetryMetrics',
        'velo',
        new SharedRetryMetrics({ workers: 4 }),
        (metrics) => (category: ErrorCategory) => metrics.recordAttemptWithError(category),
        attemptsOf,
      ),
      counting(
        'two calls',
        'before',
        new TwoCallMetrics(),
        (metrics) => (category: ErrorCategory) => {
          metrics.recordAttempt();
          metrics.recordErrorCategory(category);
        },
        (metrics) => metrics.attempts,
      ),
      counting(
        'Map of counts',
        'obvious',
        new Map<string, number>(),
        (counts) => (category: ErrorCategory) => {
          counts.set('attempts', (counts.get('attempts') ?? 0) + 1);
          counts.set(category, (counts.get(category) ?? 0) + 1);
        },
        (counts) => counts.get('attempts') ?? 0,
      ),
      counting(
        'Atomics.add',
        'tried',
        new AtomicMetrics(),
        (metrics) => (category: ErrorCategory) => metrics.recordAttemptWithError(category),
        (metrics) => metrics.attempts,
      ),
    ],
    rust: 'metrics-error',
    rustInputs: () => inputsOf((index) => errorCategories.indexOf(varied(errorCategories)(index))),
  },
  {
    id: 'metrics-success',
    title: 'count an attempt with success',
    inputs: () => inputsOf((index) => String(varied(errorCategories)(index))),
    cases: () => [
      counting(
        'RetryMetrics',
        'velo',
        new RetryMetrics(),
        (metrics) => () => metrics.recordAttemptWithSuccess(),
        attemptsOf,
      ),
      counting(
        'SharedRetryMetrics',
        'velo',
        new SharedRetryMetrics({ workers: 4 }),
        (metrics) => () => metrics.recordAttemptWithSuccess(),
        attemptsOf,
      ),
      counting(
        'two calls',
        'before',
        new TwoCallMetrics(),
        (metrics) => () => {
          metrics.recordAttempt();
          metrics.recordSuccess();
        },
        (metrics) => metrics.attempts,
      ),
      counting(
        'Map of counts',
        'obvious',
        new Map<string, number>(),
        (counts) => () => {
          counts.set('attempts', (counts.get('attempts') ?? 0) + 1);
          counts.set('successes', (counts.get('successes') ?? 0) + 1);
        },
        (counts) => counts.get('attempts') ?? 0,
      ),
      counting(
        'Atomics.add',
        'tried',
        new AtomicMetrics(),
        (metrics) => () => metrics.recordAttemptWithSuccess(),
        (metrics) => metrics.attempts,
      ),
    ],
    rust: 'metrics-success',
  },
];
