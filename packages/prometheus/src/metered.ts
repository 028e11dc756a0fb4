import type { Counter, Gauge, Histogram } from 'prom-client';
import type { METRICS, Metric, MetricKey } from './metrics.js';
import type { TalliedHistogram } from './tallied-histogram.js';

type InstrumentOf<M extends Metric> = M['kind'] extends 'counter'
  ? Counter
  : M['kind'] extends 'gauge'
    ? Gauge
    : Histogram;

/** What measures each metric of the table. */
export type Metered = {
  readonly [K in Exclude<MetricKey, 'handlerDuration'>]: InstrumentOf<(typeof METRICS)[K]>;
} & { readonly handlerDuration: TalliedHistogram };
