import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type {
  AttemptContextFacts,
  AttemptEnd,
  KafkaRecord,
  ObservedAttempt,
  ObservedCopy,
  ObservedSend,
  OutgoingHeader,
  OutgoingRecord,
  WatchedSend,
  WriteEnd,
} from '@velo/engine';
import { foreignMessage, readText, stripSecrets } from '@velo/retry-core';
import * as names from './conventions.js';
import type { ErrorTypes } from './error-types.js';
import { FailedAttempts } from './past-attempts.js';
import { creationOf, type Propagation, type ReadableHeaders } from './propagation.js';
import { messageAttributes, processAttributes, sendAttributes } from './span-attributes.js';
import { FIRST_ATTEMPT_HEADER, readSpan, SENT_HEADER, writeSpan } from './trace-headers.js';

/** How the span of an attempt refers to the one that has made its record. */
export type ProducerRelation = 'parent' | 'link';

export interface SpansOptions {
  readonly tracer: Tracer;
  readonly propagation: Propagation;
  readonly producer: ProducerRelation;
  readonly errorTypes: ErrorTypes;
}

/** So many attempts are made without a span where there is no SDK, until it is looked for again. */
const UNTRACED = 1_000;

export interface ProcessSpan {
  readonly span: Span;
  /** In which the handler runs. */
  readonly context: Context;
}

/** Spans of attempts, copies and sends, and how they hang together. */
export class Spans {
  readonly #options: SpansOptions;
  readonly #failed = new FailedAttempts();
  /** Attempts until an SDK is looked for again. */
  #untraced = 0;

  constructor(options: SpansOptions) {
    this.#options = options;
  }

  /**
   * One for each attempt. A retry links to the first attempt, and what was copied to its copy's send. None where nobody would see it: no
   * SDK is there, and the record carries no context.
   */
  process({ context: facts, batch }: ObservedAttempt, groupId: string): ProcessSpan | undefined {
    if (this.#untraced > 0) {
      this.#untraced--;
      return undefined;
    }
    const made = batch === undefined ? this.#one(facts, groupId) : this.#batch(facts.record, batch, groupId);
    if (isSpanContextValid(made.span.spanContext())) return made;
    this.#untraced = UNTRACED;
    return undefined;
  }

  /** What has failed is remembered, for the retries and the copies that follow. */
  processed({ span }: ProcessSpan, { context: facts, batch }: ObservedAttempt, end: AttemptEnd): void {
    if (batch === undefined) this.#remember(span, facts, end.outcome(0));
    else for (const [i, each] of batch.entries()) this.#remember(span, each, end.outcome(i));
    if (!span.isRecording()) return;
    span.setAttribute(names.OUTCOME, outcomeOf(end, batch?.length ?? 1));
    if (end.failure !== undefined) this.#fail(span, end.failure.error);
    span.end();
  }

  /** @returns its span, and the headers that carry on what its record's headers do */
  copy({ kind, record, topic }: ObservedCopy): { readonly span: Span; readonly headers: OutgoingHeader[] } {
    const { tracer, propagation } = this.#options;
    const active = kind === 'replay' ? context.active() : withoutSpan();
    const last = this.#failed.last(record);
    const parent = last === undefined ? active : trace.setSpanContext(active, last);
    const creation = propagation.creation(record.headers);
    const sent = readSpan(record.headers.get(SENT_HEADER));
    const span = tracer.startSpan(
      `send ${topic}`,
      {
        kind: SpanKind.PRODUCER,
        attributes: { ...sendAttributes(topic), [names.COPY_KIND]: kind },
        links: [link(creation, 'producer'), link(sent, 'sent')].filter((one) => one !== undefined),
      },
      parent,
    );
    return { span, headers: this.#headers(record, span, parent, creation) };
  }

  /** One span for each topic of a send: what its records carry, where they carry nothing yet. */
  send({ records }: ObservedSend): Required<WatchedSend> {
    const { tracer, propagation } = this.#options;
    const active = context.active();
    const spans = new Map<string, { readonly span: Span; readonly headers: readonly OutgoingHeader[] }>();
    for (const [topic, ofTopic] of grouped(records)) {
      const creations = ofTopic.flatMap(({ headers }) => link(this.#creation(headers), 'producer') ?? []);
      const attributes = sendAttributes(topic);
      if (ofTopic.length > 1) attributes[names.BATCH_MESSAGE_COUNT] = ofTopic.length;
      const options = { kind: SpanKind.PRODUCER, attributes, links: creations };
      const span = tracer.startSpan(`send ${topic}`, options, active);
      spans.set(topic, { span, headers: propagation.inject(trace.setSpan(active, span)) });
    }
    return {
      headers: ({ topic, headers }) =>
        this.#creation(headers) === undefined ? spans.get(topic)?.headers : undefined,
      ended: (end) => {
        for (const { span } of spans.values()) this.written(span, end);
      },
    };
  }

  written(span: Span, { outcome, error }: WriteEnd): void {
    span.setAttribute(names.OUTCOME, outcome);
    if (error !== undefined) this.#fail(span, error);
    span.end();
  }

  #one(facts: AttemptContextFacts, groupId: string): ProcessSpan {
    const { tracer, propagation, producer } = this.#options;
    const { record } = facts;
    const extracted = propagation.extract(withoutSpan(), record.headers);
    const isChild = producer === 'parent';
    const links = this.#pastLinks(facts);
    const creation = isChild ? undefined : link(creationOf(extracted), 'producer');
    if (creation !== undefined) links.unshift(creation);
    const parent = isChild ? extracted : trace.deleteSpan(extracted);
    const attributes: Attributes = {
      ...processAttributes(record, groupId),
      ...messageAttributes(facts),
    };
    const options = { kind: SpanKind.CONSUMER, attributes, links };
    const span = tracer.startSpan(`process ${record.topic}`, options, parent);
    return { span, context: trace.setSpan(parent, span) };
  }

  #batch(first: KafkaRecord, batch: readonly AttemptContextFacts[], groupId: string): ProcessSpan {
    const parent = withoutSpan();
    const links = batch.flatMap((facts) => {
      const creation = link(this.#creation(facts.record.headers), 'producer', messageAttributes(facts));
      return [...(creation === undefined ? [] : [creation]), ...this.#pastLinks(facts)];
    });
    const attributes: Attributes = {
      ...processAttributes(first, groupId),
      [names.BATCH_MESSAGE_COUNT]: batch.length,
    };
    const options = { kind: SpanKind.CONSUMER, attributes, links };
    const span = this.#options.tracer.startSpan(`process ${first.topic}`, options, parent);
    return { span, context: trace.setSpan(parent, span) };
  }

  #remember(span: Span, { record }: AttemptContextFacts, outcome: ReturnType<AttemptEnd['outcome']>): void {
    if (outcome !== 'success') this.#failed.add(record, span.spanContext());
  }

  #pastLinks({ record }: AttemptContextFacts): Link[] {
    const first = link(this.#failed.first(record), 'first-attempt');
    const sent = link(readSpan(record.headers.get(SENT_HEADER)), 'sent');
    return [first, sent].filter((one) => one !== undefined);
  }

  /** The producer's context goes on as it is; where there is none, that of the send takes its place. */
  #headers(
    record: KafkaRecord,
    span: Span,
    parent: Context,
    creation: SpanContext | undefined,
  ): OutgoingHeader[] {
    const made = span.spanContext();
    if (!isSpanContextValid(made)) return [];
    const headers: OutgoingHeader[] =
      creation === undefined ? this.#options.propagation.inject(trace.setSpan(parent, span)) : [];
    const first = this.#failed.first(record);
    if (first !== undefined) headers.push([FIRST_ATTEMPT_HEADER, writeSpan(first)]);
    headers.push([SENT_HEADER, writeSpan(made)]);
    return headers;
  }

  #creation(headers: ReadableHeaders): SpanContext | undefined {
    return this.#options.propagation.creation(headers);
  }

  #fail(span: Span, error: unknown): void {
    const type = this.#options.errorTypes.of(error);
    span.setAttribute(names.ERROR_TYPE, type);
    if (!span.isRecording()) return;
    const message = foreignMessage(error);
    const stack = stripSecrets(readText(error, 'stack'));
    span.recordException({ name: type, message, ...(stack !== '' && { stack }) });
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }
}

/** The context around, without what may be current where the consumer was started. */
function withoutSpan(): Context {
  const active = context.active();
  return active === ROOT_CONTEXT ? active : trace.deleteSpan(active);
}

function link(
  context: SpanContext | undefined,
  to: 'producer' | 'first-attempt' | 'sent',
  attributes: Attributes = {},
): Link | undefined {
  return context && { context, attributes: { ...attributes, [names.LINK]: to } };
}

/** Of a batch: of all its records, where they ended alike. */
function outcomeOf(end: AttemptEnd, count: number): string {
  if (end.failure?.timedOut) return 'timeout';
  if (end.failure !== undefined) return end.outcome(0) === 'unknown' && count === 1 ? 'abandoned' : 'failure';
  for (let i = 0; i < count; i++) {
    const outcome = end.outcome(i);
    if (outcome !== 'success') return outcome === 'unknown' ? 'abandoned' : 'partial';
  }
  return 'success';
}

function grouped(records: readonly OutgoingRecord[]): ReadonlyMap<string, readonly OutgoingRecord[]> {
  const groups = new Map<string, OutgoingRecord[]>();
  for (const record of records) {
    const group = groups.get(record.topic);
    if (group === undefined) groups.set(record.topic, [record]);
    else group.push(record);
  }
  return groups;
}
