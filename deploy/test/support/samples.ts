import { DEFAULT_PREFIX, METRICS, type Metric, prometheus } from '@velo/prometheus';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** Values that queries of the dashboard ask for; any other label has its own name as its value. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  outcome: ['success', 'failure', 'timeout'],
  first: ['true', 'false'],
  tier: ['0', '1'],
  state: ['dead', 'open'],
};

/**
 * Puts a sample of every metric, with all labels that it has, into a registry.
 *
 * @returns a function that counts on, so that rates are above 0
 */
export function sampleEverything(register: Registry): () => void {
  prometheus({ register });
  return () => {
    for (const { kind, name, labels } of Object.values<Metric>(METRICS)) {
      const metric: unknown = register.getSingleMetric(DEFAULT_PREFIX + name);
      // Gauges that are read at a scrape would be empty: there is no consumer.
      if (kind === 'gauge') Object.assign(metric as object, { collect: undefined });
      for (const values of combinations(labels)) sample(metric, kind, values);
    }
  };
}

function sample(metric: unknown, kind: Metric['kind'], labels: Labels): void {
  if (kind === 'counter') (metric as Counter).inc(labels);
  else if (kind === 'gauge') (metric as Gauge).set(labels, 1);
  else if (isTallied(metric)) metric.series(labels).observe(0.2);
  else (metric as Histogram).observe(labels, 0.2);
}

/** Series of some are held by whoever measures. */
function isTallied(metric: unknown): metric is { series(labels: Labels): { observe(value: number): void } } {
  return typeof metric === 'object' && metric !== null && 'series' in metric;
}

function combinations(labels: readonly string[]): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (all, label) =>
      all.flatMap((values) => (ASKED[label] ?? [label]).map((value) => ({ ...values, [label]: value }))),
    [{}],
  );
}
