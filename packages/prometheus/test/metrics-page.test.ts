import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LABELS, METRICS, type Metric } from '../src/metrics.js';
import { metricsPage } from './support/metrics-page.js';

const ALL = Object.values<Metric>(METRICS);

it('docs/metrics.md tells of the metrics that there are', async () => {
  await expect(metricsPage()).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/metrics.md'));
});

it.each(ALL)('$name is named as Prometheus asks for', ({ kind, name, buckets = [] }) => {
  expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(name.endsWith('_total')).toBe(kind === 'counter');
  // Base units, and no suffix that a histogram's own series have.
  expect(name).not.toMatch(/_(ms|millis|milliseconds|minutes|kilobytes|count|sum|bucket)\b/);
  expect(name.endsWith('_seconds')).toBe(kind === 'histogram' || /age|timestamp/.test(name));
  expect([...buckets].sort((a, b) => a - b)).toEqual(buckets);
});

it('says of each label what it holds, and has none that nobody uses', () => {
  const used = new Set(ALL.flatMap(({ labels }) => labels));
  expect([...used].sort()).toEqual(Object.keys(LABELS).sort());
});

it('has no two metrics of one name', () => {
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
});
