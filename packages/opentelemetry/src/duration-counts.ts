import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { BUCKETS, ERROR_TYPE, PROCESS_DURATION, SCOPE } from './conventions.js';
import type { HistogramPoint, MetricProducer, Metrics } from './metric-producer.js';

/** What takes the durations of attempts. */
export interface Durations {
  /**
   * @param attributes one object for each series
   * @param errorType `undefined`: it has succeeded
   */
  record(seconds: number, attributes: Attributes, errorType: string | undefined): void;
}

/** Durations that velo counts: for `openTelemetry({ durations })`, and for `metricProducers` of a reader. */
export type ProcessDurations = MetricProducer;

/**
 * Counts `messaging.process.duration` in place of the SDK, cumulative. Give it to `openTelemetry({ durations })` and to the reader:
 * `new PeriodicExportingMetricReader({ exporter, metricProducers: [durations] })`. Several observers may share one.
 */
export function processDurations(): ProcessDurations {
  return new DurationCounts(SCOPE);
}

export const PROCESS_DURATION_DESCRIPTION = 'Duration of processing operation.';
const [CUMULATIVE, HISTOGRAM] = [1, 0] as const;

/**
 * `messaging.process.duration`, counted here and read by a `MetricReader`: the SDK's `histogram.record()` makes a text of its attributes
 * each time, which costs more than all else that is told of a record (apps/bench).
 */
export class DurationCounts implements Durations, MetricProducer {
  readonly #scope: { readonly name: string };
  /** ms since 1970 */
  readonly #wallTime: () => number;
  readonly #start: HrTime;
  readonly #succeeded = new Map<Attributes, Series>();
  readonly #failed = new Map<Attributes, Map<string, Series>>();

  constructor(scope: string, wallTime: () => number = Date.now) {
    this.#scope = { name: scope };
    this.#wallTime = wallTime;
    this.#start = toHrTime(wallTime());
  }

  record(seconds: number, attributes: Attributes, errorType: string | undefined): void {
    const series =
      errorType === undefined
        ? this.#succeeded.get(attributes)
        : this.#failed.get(attributes)?.get(errorType);
    (series ?? this.#begin(attributes, errorType)).add(seconds);
  }

  /** Never rejects. */
  async collect(): Promise<Metrics> {
    const endTime = toHrTime(this.#wallTime());
    const failed = [...this.#failed.values()].flatMap((types) => [...types.values()]);
    const dataPoints = [...this.#succeeded.values(), ...failed].map((series) => ({
      startTime: this.#start,
      endTime,
      attributes: series.attributes,
      value: series.value(),
    }));
    const descriptor = {
      name: PROCESS_DURATION,
      description: PROCESS_DURATION_DESCRIPTION,
      unit: 's',
      valueType: ValueType.DOUBLE,
    };
    const metric = { descriptor, aggregationTemporality: CUMULATIVE, dataPointType: HISTOGRAM, dataPoints };
    const scopeMetrics = dataPoints.length === 0 ? [] : [{ scope: this.#scope, metrics: [metric] }];
    return { resourceMetrics: { resource: undefined as never, scopeMetrics }, errors: [] };
  }

  #begin(attributes: Attributes, errorType: string | undefined): Series {
    if (errorType === undefined) {
      const series = new Series(attributes);
      this.#succeeded.set(attributes, series);
      return series;
    }
    const series = new Series({ ...attributes, [ERROR_TYPE]: errorType });
    const types = this.#failed.get(attributes) ?? new Map<string, Series>();
    this.#failed.set(attributes, types.set(errorType, series));
    return series;
  }
}

class Series {
  readonly attributes: Attributes;
  readonly #counts: number[] = new Array(BUCKETS.length + 1).fill(0);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(attributes: Attributes) {
    this.attributes = attributes;
  }

  /** A bucket holds what is not above its boundary. */
  add(seconds: number): void {
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] as number)) bucket++;
    (this.#counts[bucket] as number)++;
    this.#count++;
    this.#sum += seconds;
    if (seconds < this.#min) this.#min = seconds;
    if (seconds > this.#max) this.#max = seconds;
  }

  value(): HistogramPoint {
    return {
      buckets: { boundaries: [...BUCKETS], counts: [...this.#counts] },
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
    };
  }
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
