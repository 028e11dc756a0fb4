import type { RetryCounters } from './metrics.js';

export interface MetricsSink {
  /** Adds `value` to a counter. */
  counter(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Records `value` in a histogram. */
  histogram(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
}

/** Attempts already reported, by sink and metrics; both may be collected. */
const reported = /* @__PURE__ */ new WeakMap<MetricsSink, WeakMap<RetryCounters, number>>();

/**
 * Hands the metrics to a sink: the histograms `retry_success_rate`, `retry_timeout_rate` and `retry_avg_attempts`,
 * and the counter `retry_attempts_total`, which is told only what was added since the last report of these metrics
 * to this sink, so that reporting twice does not count twice and a reset loses nothing.
 */
export function reportPerformanceMetrics(metrics: RetryCounters, sink: MetricsSink): void {
  const { successRate, timeoutRate, averageAttempts } = metrics.snapshot();
  const { attemptsEver } = metrics;
  const toSink = reported.get(sink) ?? new WeakMap<RetryCounters, number>();
  reported.set(sink, toSink);
  const added = attemptsEver - (toSink.get(metrics) ?? 0);

  sink.histogram('retry_success_rate', successRate);
  sink.histogram('retry_timeout_rate', timeoutRate);
  sink.histogram('retry_avg_attempts', averageAttempts);
  sink.counter('retry_attempts_total', added);
  // After the sink took it: what a throwing sink missed is in the next report.
  toSink.set(metrics, attemptsEver);
}
