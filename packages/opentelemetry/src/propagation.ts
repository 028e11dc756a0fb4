import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import type { OutgoingHeader } from '@velo/engine';

/** Longer values are none of a propagator's, in bytes: baggage, the longest, may have 8,192. */
const MAX_VALUE = 8_192;

type Value = Buffer | string | null | undefined;

/** What headers are read by: those of a record that was fetched, or of one that is to be sent. */
export interface ReadableHeaders extends Iterable<readonly [name: string, value: Buffer | string | null]> {
  get?(name: string): Buffer | null | undefined;
}

const GETTER: TextMapGetter<ReadableHeaders> = {
  keys: (headers) => [...headers].map(([name]) => name),
  get: (headers, name) => {
    const value = headers.get === undefined ? last(headers, name) : headers.get(name);
    return value && value.length <= MAX_VALUE ? value.toString() : undefined;
  },
};

/** Contexts of traces in headers of records, by a propagator: as a rule W3C's `traceparent`, `tracestate` and `baggage`. */
export class Propagation {
  readonly #propagator: TextMapPropagator;

  constructor(propagator: TextMapPropagator) {
    this.#propagator = propagator;
  }

  /** What the headers carry, upon `base`. Never throws: headers are whatever others have written. */
  extract(base: Context, headers: ReadableHeaders): Context {
    try {
      return this.#propagator.extract(base, headers, GETTER);
    } catch {
      return base;
    }
  }

  /** The span that has made the record, if its headers tell of one. */
  creation(headers: ReadableHeaders): SpanContext | undefined {
    return creationOf(this.extract(ROOT_CONTEXT, headers));
  }

  inject(context: Context): OutgoingHeader[] {
    const headers: OutgoingHeader[] = [];
    this.#propagator.inject(context, headers, {
      set: (all, name, value) => void all.push([name, value]),
    });
    return headers;
  }
}

/** The span of a context that was extracted upon one without a span. */
export function creationOf(extracted: Context): SpanContext | undefined {
  const context = trace.getSpanContext(extracted);
  return context !== undefined && isSpanContextValid(context) ? context : undefined;
}

function last(headers: ReadableHeaders, name: string): Value {
  let found: Value;
  for (const [each, value] of headers) if (each === name) found = value;
  return found;
}
