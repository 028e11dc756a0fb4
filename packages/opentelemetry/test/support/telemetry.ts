import { context, type SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { type OpenTelemetryOptions, openTelemetry, processDurations } from '../../src/index.js';

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
  override selectAggregationTemporality = () => AggregationTemporality.CUMULATIVE;
}

export interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of a histogram, how many were recorded. */
  readonly value: number;
  readonly sum: number | undefined;
}

/** A tracer and a meter in memory, and the observer over them. */
export class TelemetryInTest {
  readonly exporter = new InMemorySpanExporter();
  readonly durations = processDurations();
  readonly reader = new Reader({ metricProducers: [this.durations] });
  readonly propagator = new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  });
  readonly tracerProvider: BasicTracerProvider;
  readonly meterProvider = new MeterProvider({ readers: [this.reader] });
  readonly #contexts = new AsyncLocalStorageContextManager().enable();

  constructor(sampler?: Sampler) {
    const spanProcessors = [new SimpleSpanProcessor(this.exporter)];
    this.tracerProvider = new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) });
    context.setGlobalContextManager(this.#contexts);
  }

  observer(options: OpenTelemetryOptions = {}) {
    const { tracerProvider, meterProvider, propagator } = this;
    return openTelemetry({ tracerProvider, meterProvider, propagator, ...options });
  }

  get spans(): readonly ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  named(name: string): readonly ReadableSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** Those of one metric. */
  async points(name: string): Promise<readonly Point[]> {
    return (await this.metric(name))?.points ?? [];
  }

  async metric(name: string) {
    const { resourceMetrics, errors } = await this.reader.collect();
    if (errors.length > 0) throw errors[0];
    const found = resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .find(({ descriptor }) => descriptor.name === name);
    if (found === undefined) return undefined;
    const points: Point[] =
      found.dataPointType === DataPointType.HISTOGRAM
        ? found.dataPoints.map(({ attributes, value }) => ({
            attributes,
            value: value.count,
            sum: value.sum,
          }))
        : found.dataPoints.map(({ attributes, value }) => ({
            attributes,
            value: value as number,
            sum: undefined,
          }));
    const boundaries =
      found.dataPointType === DataPointType.HISTOGRAM
        ? found.dataPoints[0]?.value.buckets.boundaries
        : undefined;
    return { unit: found.descriptor.unit, boundaries, points };
  }

  async end(): Promise<void> {
    context.disable();
    await this.tracerProvider.shutdown();
    await this.meterProvider.shutdown();
  }
}

/** What a span links to, by `velo.link`. */
export function linksOf({ links }: ReadableSpan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    links.map((link) => [String(link.attributes?.['velo.link']), idOf(link.context)]),
  );
}

export function idOf({ traceId, spanId }: Pick<SpanContext, 'traceId' | 'spanId'>): string {
  return `${traceId}/${spanId}`;
}
