import { DEFAULT_PREFIX, METRICS, type Metric } from '@velo/prometheus';
import { describe, expect, it } from 'vitest';
import { QUERIES, RULES } from './support/files.js';
import { parse } from './support/promql.js';

/** Labels that Prometheus itself adds. */
const OF_PROMETHEUS = ['le', 'instance'];

/** What is scraped of each metric, and the labels of that. */
const SCRAPED = new Map<string, readonly string[]>(
  Object.values<Metric>(METRICS).flatMap(({ kind, name, labels }) => {
    const names = kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    return names.map((each) => [DEFAULT_PREFIX + each, labels] as const);
  }),
);

describe('queries of alert rules and of the dashboard', () => {
  it.each(QUERIES)('$name asks for metrics and labels that there are', ({ expr }) => {
    const { selectors, grouping } = parse(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      expect([...SCRAPED.keys()]).toContain(metric);
      expect([...(SCRAPED.get(metric) ?? []), ...OF_PROMETHEUS]).toEqual(expect.arrayContaining([...labels]));
    }
    const known = selectors.flatMap(({ metric }) => SCRAPED.get(metric) ?? []);
    expect([...known, ...OF_PROMETHEUS]).toEqual(expect.arrayContaining([...grouping]));
  });

  it('are refused where they name what there is not', () => {
    expect(() => parse('sum by (group (velo_consumers)')).toThrow('no PromQL');
    expect(parse('sum by (a, b) (rate(x{c="d", e!~"f"}[$__rate_interval]))')).toEqual({
      selectors: [{ metric: 'x', labels: ['c', 'e'] }],
      grouping: ['a', 'b'],
    });
  });
});

describe('alert rules', () => {
  it.each(RULES)(
    '$alert says how bad it is, what has happened, and what to do',
    ({ alert, expr, labels, annotations }) => {
      expect(alert).toMatch(/^Velo[A-Z]\w+$/);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(Object.keys(annotations)).toEqual(['summary', 'runbook']);
      expect(annotations.summary).toMatch(/^.*\.$/);
      expect(annotations.runbook).toMatch(/^.*\.$/);
      const named = [...`${annotations.summary}${annotations.runbook}`.matchAll(/\$labels\.(\w+)/g)].map(
        ([, label]) => label,
      );
      expect(parse(expr).grouping).toEqual(expect.arrayContaining(named));
    },
  );

  it('have names of their own', () => {
    expect(new Set(RULES.map(({ alert }) => alert)).size).toBe(RULES.length);
  });

  it('name metrics in their runbooks that there are', () => {
    const named = RULES.flatMap(({ annotations }) => annotations.runbook?.match(/velo_\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    const all = Object.values<Metric>(METRICS).map(({ name }) => DEFAULT_PREFIX + name);
    expect(all).toEqual(expect.arrayContaining(named));
  });
});
