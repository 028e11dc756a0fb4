export type { ProcessDurations } from './duration-counts.js';
export { processDurations } from './duration-counts.js';
export type { HistogramMetric, HistogramPoint, MetricProducer, Metrics } from './metric-producer.js';
export type { OpenTelemetryOptions } from './open-telemetry.js';
export { openTelemetry } from './open-telemetry.js';
export type { ProducerRelation } from './spans.js';
export { uninstrumented } from './uninstrumented.js';
