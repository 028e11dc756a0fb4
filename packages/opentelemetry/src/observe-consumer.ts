import { type Attributes, context } from '@opentelemetry/api';
import type {
  AttemptEnd,
  ConsumerListeners,
  ConsumerObserver,
  ObservedAttempt,
  ObservedConsumer,
  WatchedAttempt,
} from '@velo/engine';
import * as names from './conventions.js';
import { observeCopies } from './observe-copies.js';
import { observeOperations } from './observe-operations.js';
import { PartitionAttributes } from './partition-attributes.js';
import type { ProcessSpan, Spans } from './spans.js';
import type { Telemetry } from './telemetry.js';

export function observeConsumer(consumer: ObservedConsumer, telemetry: Telemetry): ConsumerObserver {
  const { groupId } = consumer;
  const { spans, instruments, durations, errorTypes, partitions } = telemetry;
  const group = { [names.CONSUMER_GROUP_NAME]: groupId };
  const counts = telemetry.attempts.of(groupId);
  const forget = telemetry.gauges.add(consumer);
  const processed = new PartitionAttributes(operation(groupId, 'process'), partitions);
  const polled = new PartitionAttributes(operation(groupId, 'poll'), partitions);
  /** One for all attempts: what has ended is told with its end. */
  const measured: MeasuredAttempt = {
    ended: (end, attempt) => {
      const { topic, partition } = attempt.context.record;
      const attributes = processed.of(topic, partition);
      const { duration, failure } = end;
      const errorType = failure === undefined ? undefined : errorTypes.of(failure.error);
      durations.record(duration / 1_000, attributes, errorType);
      counts.add(attempt, end);
    },
  };
  return {
    attempt: (attempt) => {
      const span = spans.process(attempt, groupId);
      return span === undefined ? measured : new TracedAttempt(spans, span, measured);
    },
    ...observeCopies(group, telemetry),
    received: ({ topic, partition }, count) => instruments.consumed.add(count, polled.of(topic, partition)),
    ...observeOperations(group, telemetry),
    on: { ...listeners(group, telemetry), stopped: forget },
  };
}

type MeasuredAttempt = Required<Pick<WatchedAttempt, 'ended'>>;

class TracedAttempt implements WatchedAttempt {
  readonly #spans: Spans;
  readonly #span: ProcessSpan;
  readonly #measured: MeasuredAttempt;

  constructor(spans: Spans, span: ProcessSpan, measured: MeasuredAttempt) {
    this.#spans = spans;
    this.#span = span;
    this.#measured = measured;
  }

  run(handle: () => void): void {
    context.with(this.#span.context, handle);
  }

  ended(end: AttemptEnd, attempt: ObservedAttempt): void {
    this.#spans.processed(this.#span, attempt, end);
    this.#measured.ended(end, attempt);
  }
}

/** What events tell, and nothing else does. */
function listeners(group: Attributes, { instruments, errorTypes }: Telemetry): ConsumerListeners {
  const retried = (topic: string, tier: number, delay: number) =>
    instruments.waits.record(delay / 1_000, {
      ...group,
      [names.DESTINATION_NAME]: topic,
      [names.TIER]: tier,
    });
  return {
    retry: ({ record, tier, delay }) => retried(record.topic, tier, delay),
    handOff: ({ topic, nextTier, delay }) => retried(topic, nextTier, delay),
    late: ({ record, tier, lateness }) =>
      instruments.lateness.record(Math.max(0, lateness) / 1_000, {
        ...group,
        [names.DESTINATION_NAME]: record.topic,
        [names.TIER]: tier,
      }),
    deadLetter: ({ topic, reason, category }) =>
      instruments.deadLetters.add(1, {
        ...group,
        [names.DESTINATION_NAME]: topic,
        [names.REASON]: reason,
        [names.ERROR_CATEGORY]: category,
      }),
    skipped: ({ record, reason, category }) =>
      instruments.skipped.add(1, {
        ...group,
        [names.DESTINATION_NAME]: record.topic,
        [names.REASON]: reason,
        [names.ERROR_CATEGORY]: category,
      }),
    publishRefused: ({ topic, error }) =>
      instruments.refused.add(1, {
        ...group,
        [names.DESTINATION_NAME]: topic,
        [names.ERROR_TYPE]: errorTypes.of(error),
      }),
    held: ({ topic, reason }) =>
      instruments.holds.add(1, { ...group, [names.DESTINATION_NAME]: topic, [names.REASON]: reason }),
    restarted: () => instruments.restarts.add(1, group),
    dead: ({ error }) => instruments.deaths.add(1, { ...group, [names.ERROR_TYPE]: errorTypes.of(error) }),
  };
}

/** Each attribute is paid for at each record: the conventions ask for no type of operation here. */
function operation(groupId: string, name: string): Attributes {
  return {
    [names.SYSTEM]: names.KAFKA,
    [names.OPERATION_NAME]: name,
    [names.CONSUMER_GROUP_NAME]: groupId,
  };
}
