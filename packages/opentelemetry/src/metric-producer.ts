import type { Attributes, HrTime, ValueType } from '@opentelemetry/api';

/**
 * The `MetricProducer` of `@opentelemetry/sdk-metrics`, by its shape, so that the SDK need not be there: for `metricProducers` of a
 * `MetricReader`, or of a `PeriodicExportingMetricReader`.
 */
export interface MetricProducer {
  collect(): Promise<Metrics>;
}

export interface Metrics {
  readonly resourceMetrics: {
    /** A reader takes the SDK's own. */
    resource: never;
    scopeMetrics: { scope: { readonly name: string }; metrics: HistogramMetric[] }[];
  };
  readonly errors: unknown[];
}

export interface HistogramMetric {
  readonly descriptor: {
    readonly name: string;
    readonly description: string;
    readonly unit: string;
    readonly valueType: ValueType;
  };
  /** Cumulative. */
  readonly aggregationTemporality: 1;
  /** A histogram. */
  readonly dataPointType: 0;
  readonly dataPoints: {
    readonly startTime: HrTime;
    readonly endTime: HrTime;
    readonly attributes: Attributes;
    readonly value: HistogramPoint;
  }[];
}

export interface HistogramPoint {
  readonly buckets: { boundaries: number[]; counts: number[] };
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}
