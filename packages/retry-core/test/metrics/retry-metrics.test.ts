import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCategory } from '../../src/error-category.js';
import type { RetryCounters } from '../../src/metrics/metrics.js';
import { reportPerformanceMetrics } from '../../src/metrics/report.js';
import { RetryMetrics } from '../../src/metrics/retry-metrics.js';

const categories = [
  'TopicMissing',
  'NetworkIssue',
  'AuthenticationIssue',
  'ConfigurationIssue',
  'Unknown',
] as const;
const NO_ERRORS = {
  TopicMissing: 0,
  NetworkIssue: 0,
  AuthenticationIssue: 0,
  ConfigurationIssue: 0,
  Unknown: 0,
};

/** A sink that adds up its counters and keeps what its histograms saw. */
function recordingSink() {
  const counters = new Map<string, number>();
  const histograms: [string, number][] = [];
  return {
    counters,
    histograms,
    counter: (name: string, value: number) => void counters.set(name, (counters.get(name) ?? 0) + value),
    histogram: (name: string, value: number) => void histograms.push([name, value]),
  };
}

describe('RetryMetrics', () => {
  it('has no NaN before anything was counted', () => {
    expect(new RetryMetrics().snapshot()).toEqual({
      attemptsTotal: 0,
      successesTotal: 0,
      timeoutsTotal: 0,
      errorsByCategory: NO_ERRORS,
      successRate: 0,
      timeoutRate: 0,
      averageAttempts: 0,
    });
  });

  it('counts each event with one call', () => {
    const metrics = new RetryMetrics();
    metrics.recordAttempt();
    metrics.recordAttemptWithError('NetworkIssue');
    metrics.recordAttemptWithError('Unknown');
    metrics.recordAttemptWithTimeout();
    metrics.recordAttemptWithSuccess();
    metrics.recordAttemptWithSuccess();
    metrics.recordAttemptWithSuccess();
    metrics.recordAttemptWithSuccess();
    expect(metrics.snapshot()).toEqual({
      attemptsTotal: 8,
      successesTotal: 4,
      timeoutsTotal: 1,
      errorsByCategory: { ...NO_ERRORS, NetworkIssue: 1, Unknown: 1 },
      successRate: 0.5,
      timeoutRate: 0.125,
      averageAttempts: 2,
    });
  });

  it('counts a category that it does not know as Unknown', () => {
    const metrics = new RetryMetrics();
    metrics.recordAttemptWithError('Weather' as ErrorCategory);
    expect(metrics.snapshot().errorsByCategory.Unknown).toBe(1);
  });

  it('counts whatever the order of events', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...categories, 'success', 'timeout', 'attempt')), (events) => {
        const metrics = new RetryMetrics();
        for (const event of events) {
          if (event === 'success') metrics.recordAttemptWithSuccess();
          else if (event === 'timeout') metrics.recordAttemptWithTimeout();
          else if (event === 'attempt') metrics.recordAttempt();
          else metrics.recordAttemptWithError(event);
        }
        const count = (name: string): number => events.filter((event) => event === name).length;
        const snapshot = metrics.snapshot();
        expect(snapshot.attemptsTotal).toBe(events.length);
        expect(snapshot.successesTotal).toBe(count('success'));
        expect(snapshot.timeoutsTotal).toBe(count('timeout'));
        for (const category of categories) expect(snapshot.errorsByCategory[category]).toBe(count(category));
      }),
    );
  });

  it('starts again from 0 after a reset', () => {
    const metrics = new RetryMetrics();
    for (const category of categories) metrics.recordAttemptWithError(category);
    metrics.recordAttemptWithTimeout();
    metrics.recordAttemptWithSuccess();
    metrics.reset();
    expect(metrics.snapshot()).toEqual(new RetryMetrics().snapshot());
    expect(metrics.attemptsEver).toBe(7);
  });
});

describe('reportPerformanceMetrics', () => {
  it('reports three histograms and a counter', () => {
    const metrics = new RetryMetrics();
    metrics.recordAttemptWithTimeout();
    metrics.recordAttemptWithSuccess();
    const sink = recordingSink();
    reportPerformanceMetrics(metrics, sink);
    expect(sink.histograms).toEqual([
      ['retry_success_rate', 0.5],
      ['retry_timeout_rate', 0.5],
      ['retry_avg_attempts', 2],
    ]);
    expect([...sink.counters]).toEqual([['retry_attempts_total', 2]]);
  });

  it('counts each attempt once for each sink, through resets, and loses none', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('attempt', 'report a', 'report b', 'reset')), (steps) => {
        const metrics = new RetryMetrics();
        const a = recordingSink();
        const b = recordingSink();
        for (const step of [...steps, 'report a', 'report b']) {
          if (step === 'attempt') metrics.recordAttempt();
          else if (step === 'reset') metrics.reset();
          else reportPerformanceMetrics(metrics, step === 'report a' ? a : b);
        }
        const attempts = steps.filter((step) => step === 'attempt').length;
        expect(a.counters.get('retry_attempts_total')).toBe(attempts);
        expect(b.counters.get('retry_attempts_total')).toBe(attempts);
      }),
    );
  });

  it('reports two metrics to one sink apart from each other', () => {
    const sink = recordingSink();
    const all: RetryCounters[] = [new RetryMetrics(), new RetryMetrics()];
    for (const metrics of all) metrics.recordAttempt();
    for (const metrics of [...all, ...all]) reportPerformanceMetrics(metrics, sink);
    expect(sink.counters.get('retry_attempts_total')).toBe(2);
  });

  it('reports again what a sink that threw did not take', () => {
    const metrics = new RetryMetrics();
    metrics.recordAttempt();
    const sink = recordingSink();
    const { counter } = sink;
    sink.counter = () => {
      throw new Error('no route');
    };
    expect(() => reportPerformanceMetrics(metrics, sink)).toThrow('no route');
    sink.counter = counter;
    reportPerformanceMetrics(metrics, sink);
    expect(sink.counters.get('retry_attempts_total')).toBe(1);
  });
});
