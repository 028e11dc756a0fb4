import {
  type MeterProvider,
  metrics,
  propagation,
  type TextMapPropagator,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { Observer } from '@velo/engine';
import { checkNames, invalidOption, readProperty } from '@velo/retry-core';
import { AttemptCounts } from './attempt-counts.js';
import { CONSUMER_GROUP_NAME, SCOPE } from './conventions.js';
import type { DurationCounts, ProcessDurations } from './duration-counts.js';
import { ErrorTypes } from './error-types.js';
import { createInstruments, durationsOf } from './instruments.js';
import { observeConsumer } from './observe-consumer.js';
import { observeCopies } from './observe-copies.js';
import { observeGauges } from './observe-gauges.js';
import { observeOperations } from './observe-operations.js';
import { Propagation } from './propagation.js';
import { type ProducerRelation, Spans } from './spans.js';
import type { Telemetry } from './telemetry.js';

export interface OpenTelemetryOptions {
  /** @default the global one, as it is when the first consumer or producer is made */
  readonly meterProvider?: MeterProvider | undefined;
  /** @default the global one */
  readonly tracerProvider?: TracerProvider | undefined;
  /** What writes contexts to headers and reads them. @default the global one */
  readonly propagator?: TextMapPropagator | undefined;
  /**
   * How the span of an attempt refers to the span that has made its record: `parent` shows a record's whole way in one trace, `link`
   * begins a trace for each attempt. A batch has links alone. @default 'parent'
   */
  readonly producer?: ProducerRelation | undefined;
  /** Whether metrics tell partitions apart. Each partition has time series of its own. @default true */
  readonly partitions?: boolean | undefined;
  /**
   * `messaging.process.duration` at a fraction of the cost: counted by velo, and read by the `MetricReader` whose `metricProducers` has the
   * same object. @default the meter's
   */
  readonly durations?: ProcessDurations | undefined;
}

const NAMES = {
  meterProvider: true,
  tracerProvider: true,
  propagator: true,
  producer: true,
  partitions: true,
  durations: true,
} as const satisfies Record<keyof OpenTelemetryOptions, true>;

/**
 * Traces and measures what a velo does: `createVelo(kafka, { observers: [openTelemetry()] })`. A handler runs within the span of its
 * attempt; contexts go along in headers, through retry topics, dead letters and replays.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Observer {
  checkNames(options, NAMES, 'openTelemetry()');
  checkMethod(options, 'meterProvider', 'getMeter');
  checkMethod(options, 'tracerProvider', 'getTracer');
  checkMethod(options, 'propagator', 'extract');
  const { meterProvider, tracerProvider, propagator, durations } = options;
  const { producer = 'parent', partitions = true } = options;
  if (producer !== 'parent' && producer !== 'link')
    throw invalidOption('producer', producer, "'parent' or 'link'");
  if (typeof partitions !== 'boolean') throw invalidOption('partitions', partitions, 'true or false');
  if (durations !== undefined && typeof readProperty(durations, 'record') !== 'function')
    throw invalidOption('durations', durations, 'what processDurations() gives');
  let made: Telemetry | undefined;
  const telemetry = () => {
    if (made !== undefined) return made;
    const tracer = (tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE);
    const meter = (meterProvider ?? metrics.getMeterProvider()).getMeter(SCOPE);
    const errorTypes = new ErrorTypes();
    const carried = new Propagation(propagator ?? GLOBAL);
    const spans = new Spans({ tracer, propagation: carried, producer, errorTypes });
    made = {
      spans,
      instruments: createInstruments(meter),
      durations: (durations as DurationCounts | undefined) ?? durationsOf(meter),
      attempts: new AttemptCounts(meter),
      gauges: observeGauges(meter, partitions),
      errorTypes,
      partitions,
    };
    return made;
  };
  return {
    consumer: (consumer) => observeConsumer(consumer, telemetry()),
    producer: () => {
      const { spans } = telemetry();
      return { ...observeOperations({}, telemetry()), send: (send) => spans.send(send) };
    },
    deadLetters: ({ groupId }) => {
      const group = { [CONSUMER_GROUP_NAME]: groupId };
      return { ...observeCopies(group, telemetry()), ...observeOperations(group, telemetry()) };
    },
  };
}

const GLOBAL: TextMapPropagator = {
  inject: (...args) => propagation.inject(...args),
  extract: (...args) => propagation.extract(...args),
  fields: () => propagation.fields(),
};

function checkMethod(options: OpenTelemetryOptions, name: keyof OpenTelemetryOptions, method: string): void {
  const given = options[name];
  if (given !== undefined && typeof readProperty(given, method) !== 'function')
    throw invalidOption(name, given, `an object with ${method}()`);
}
