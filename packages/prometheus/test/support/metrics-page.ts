import { DEFAULT_PREFIX, LABELS, METRICS, type Metric } from '../../src/metrics.js';

const INTRODUCTION = `# Metrics

<!-- Generated from packages/prometheus/src/metrics.ts: \`npx vitest run --project @velo/prometheus metrics-page --update\`. -->

What [\`@velo/prometheus\`](../packages/prometheus/README.md) keeps in a registry of \`prom-client\`. The dashboard and the alert rules of
[\`deploy/\`](../deploy/README.md) ask for nothing else; a test holds them to this table. Names begin with \`${DEFAULT_PREFIX}\`, or with the
\`prefix\` that you give. Durations are in seconds, sizes in bytes.`;

const QUERIES = `## What to ask

| question | query |
|---|---|
| the share of records whose first attempt succeeds | \`sum(rate(velo_attempts_total{first="true", outcome="success"}[5m])) / sum(rate(velo_attempts_total{first="true"}[5m]))\` |
| retries for each record | \`sum(rate(velo_attempts_total{first="false"}[5m])) / sum(rate(velo_attempts_total{first="true"}[5m]))\` |
| how records end: with or without a retry, well or not | \`sum by (kind) (rate(velo_records_total[5m]))\` |
| the lag of a group, tiers apart | \`sum by (topic, tier) (velo_lag_records{group="billing"})\` |
| how long handlers take, 99 % | \`histogram_quantile(0.99, sum by (le, topic) (rate(velo_handler_duration_seconds_bucket[5m])))\` |
| what fails, and why | \`sum by (topic, category) (rate(velo_attempts_total{outcome!="success"}[5m]))\` |

Lag is not the log's end less the committed offset: the ends of transactions are offsets, too, and no record ever comes for
them. It is what the log has beyond what was fetched, and what waits in memory. The brokers are asked where logs end when
somebody scrapes, once in 10 s at most; with nobody who scrapes they are not asked.`;

/** The page of all metrics and labels, as it stands in docs/. */
export function metricsPage(): string {
  const all = Object.values<Metric>(METRICS);
  const kinds = (['counter', 'histogram', 'gauge'] as const).map((kind) => {
    const rows = all
      .filter((metric) => metric.kind === kind)
      .map(
        ({ name, labels, help }) => `| \`${DEFAULT_PREFIX}${name}\` | ${labels.join(', ')} | ${cell(help)} |`,
      );
    return `## ${kind[0]?.toUpperCase()}${kind.slice(1)}s\n\n| name | labels | what it is |\n|---|---|---|\n${rows.join('\n')}`;
  });
  const buckets = all
    .filter(({ kind }) => kind === 'histogram')
    .map(({ name, buckets = [] }) => `- \`${DEFAULT_PREFIX}${name}\`: ${buckets.join(', ')}`);
  const labels = Object.entries(LABELS).map(([name, help]) => `| \`${name}\` | ${cell(help)} |`);
  return [
    INTRODUCTION,
    ...kinds,
    `Buckets, in seconds:\n${buckets.join('\n')}`,
    `## Labels\n\nNo label holds an offset, a key, or the text of a record or an error.\n\n| label | what it holds |\n|---|---|\n${labels.join('\n')}`,
    QUERIES,
  ]
    .join('\n\n')
    .concat('\n');
}

const cell = (text: string) => text.replaceAll('|', '\\|');
