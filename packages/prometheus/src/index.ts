export { DEFAULT_PREFIX, LABELS, type LabelName, METRICS, type Metric, type MetricKey } from './metrics.js';
export type { DeadLettersWatchOptions } from './open-dead-letters.js';
export {
  type PrometheusObserver,
  type PrometheusOptions,
  type PrometheusRegistry,
  prometheus,
} from './prometheus.js';
