import type { SpanContext } from '@opentelemetry/api';
import type { KafkaRecord } from '@velo/engine';
import { FIRST_ATTEMPT_HEADER, readSpan } from './trace-headers.js';

/** The spans of a record's attempts that have failed. */
export interface PastAttempts {
  readonly first: SpanContext;
  readonly last: SpanContext;
}

/** Remembers them as long as the record is here; of those before, its headers tell the first. */
export class FailedAttempts {
  readonly #of = new WeakMap<KafkaRecord, PastAttempts>();

  add(record: KafkaRecord, last: SpanContext): void {
    this.#of.set(record, { first: this.first(record) ?? last, last });
  }

  first(record: KafkaRecord): SpanContext | undefined {
    return this.#of.get(record)?.first ?? readSpan(record.headers.get(FIRST_ATTEMPT_HEADER));
  }

  last(record: KafkaRecord): SpanContext | undefined {
    return this.#of.get(record)?.last;
  }
}
