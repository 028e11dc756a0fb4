import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { Observer } from '@velo/engine';
import { openTelemetry, type ProcessDurations, processDurations } from '@velo/opentelemetry';
import { prometheus } from '@velo/prometheus';
import { Registry } from 'prom-client';
import type { Path } from '../micro/path.js';
import { byVelo, RECORDS, Reader, recordsOf } from './lane.js';

class Unread extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

const nowhere: SpanExporter = {
  export: (_, done) => done({ code: 0 }),
  shutdown: async () => {},
};

/** Sees each attempt, and does nothing: what being watched costs. */
const onlooker: Observer = { consumer: () => ({ attempt: () => ({ ended() {} }) }) };

const measured = (durations?: ProcessDurations) =>
  openTelemetry({
    meterProvider: new MeterProvider({
      readers: [new Unread(durations && { metricProducers: [durations] })],
    }),
    durations,
  });

/** @param share of traces that are kept */
const traced = (share: number) =>
  openTelemetry({
    meterProvider: new MeterProvider({ readers: [new Unread()] }),
    propagator: new W3CTraceContextPropagator(),
    tracerProvider: new BasicTracerProvider({
      sampler: new TraceIdRatioBasedSampler(share),
      spanProcessors: [new BatchSpanProcessor(nowhere)],
    }),
  });

function observedPath(id: string, title: string, observers: () => Readonly<Record<string, Observer>>): Path {
  return {
    id,
    title,
    units: RECORDS,
    inputs: () => [RECORDS],
    cases: () => {
      const records = recordsOf(RECORDS);
      const reader = new Reader();
      const verify = () => {
        if (reader.bytes === 0) throw new Error('no record was handled');
      };
      const watched = Object.entries(observers()).map(([name, observer]) => ({
        name,
        kind: 'tried' as const,
        call: () => byVelo(records, reader.readLater, [observer]),
        verify,
      }));
      return [
        { name: 'consumer', kind: 'velo', call: () => byVelo(records, reader.readLater), verify },
        ...watched,
      ];
    },
  };
}

/** Whoever traces has a context manager in the process, and pays for it at each promise, observed or not. */
function contexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

export const observedLanePaths: readonly Path[] = [
  observedPath(
    'lane-measured',
    'a record through a consumer in memory that is measured, async handler',
    () => ({
      onlooker,
      metrics: measured(),
      'metrics, durations counted': measured(processDurations()),
      prometheus: prometheus({ register: new Registry() }),
    }),
  ),
  observedPath('lane-traced', 'a record through a consumer in memory that is traced, async handler', () => {
    contexts();
    return { 'metrics, 1 % of traces': traced(0.01), 'metrics, all traces': traced(1) };
  }),
];
