import { type Attributes, context } from '@opentelemetry/api';
import type {
  AttemptEnd,
  ConsumerListeners,
  ConsumerObserver,
  ObservedAttempt,
  ObservedConsumer,
  WatchedAttempt,
} from '@velo/engine';
import type { GroupAttempts } from './attempt-counts.js';
import * as names from './conventions.js';
import { observeCopies } from './observe-copies.js';
import { observeOperations } from './observe-operations.js';
import { PartitionAttributes } from './partition-attributes.js';
import type { ProcessSpan, Spans } from './spans.js';
import type { Telemetry } from './telemetry.js';

export function observeConsumer({ groupId }: ObservedConsumer, telemetry: Telemetry): ConsumerObserver {
  const { spans, instruments, errorTypes, partitions } = telemetry;
  const group = { [names.CONSUMER_GROUP_NAME]: groupId };
  const counts = telemetry.attempts.of(groupId);
  const processed = new PartitionAttributes(operation(groupId, 'process', 'process'), partitions);
  const polled = new PartitionAttributes(operation(groupId, 'poll', 'receive'), partitions);
  const measure = ({ duration, failure }: AttemptEnd, attempt: ObservedAttempt): void => {
    const { topic, partition } = attempt.context.record;
    const attributes = processed.of(topic, partition);
    instruments.processDuration.record(
      duration / 1_000,
      failure === undefined
        ? attributes
        : { ...attributes, [names.ERROR_TYPE]: errorTypes.of(failure.error) },
    );
  };
  return {
    attempt: (attempt) => new TracedAttempt(spans, spans.process(attempt, groupId), counts, measure),
    ...observeCopies(group, telemetry),
    received: ({ topic, partition }, count) => instruments.consumed.add(count, polled.of(topic, partition)),
    ...observeOperations(group, telemetry),
    on: listeners(group, telemetry),
  };
}

class TracedAttempt implements WatchedAttempt {
  readonly #spans: Spans;
  readonly #span: ProcessSpan;
  readonly #counts: GroupAttempts;
  readonly #measure: (end: AttemptEnd, attempt: ObservedAttempt) => void;

  constructor(
    spans: Spans,
    span: ProcessSpan,
    counts: GroupAttempts,
    measure: (end: AttemptEnd, attempt: ObservedAttempt) => void,
  ) {
    this.#spans = spans;
    this.#span = span;
    this.#counts = counts;
    this.#measure = measure;
  }

  run(handle: () => void): void {
    context.with(this.#span.context, handle);
  }

  ended(end: AttemptEnd, attempt: ObservedAttempt): void {
    this.#spans.processed(this.#span, attempt, end);
    this.#measure(end, attempt);
    this.#counts.add(attempt, end);
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

function operation(groupId: string, name: string, type: string): Attributes {
  return {
    [names.SYSTEM]: names.KAFKA,
    [names.OPERATION_NAME]: name,
    [names.OPERATION_TYPE]: type,
    [names.CONSUMER_GROUP_NAME]: groupId,
  };
}
