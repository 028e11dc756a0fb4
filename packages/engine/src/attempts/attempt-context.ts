import type { KafkaRecord } from '../binding/record.js';
import { initialState, type RetryState } from '../headers/retry-state.js';
import type { HandlerContext, RecordSource } from '../plan/config.js';
import type { Route } from '../plan/plan-topic.js';

/** A context whose signal is made at the first look: an AbortController costs more than all else of an attempt. */
export class AttemptContext implements HandlerContext {
  readonly record: KafkaRecord;
  readonly attempt: number;
  readonly tier: number;
  readonly totalAttempts: number;
  readonly #state: RetryState | undefined;
  #controller: AbortController | undefined;
  #reason: unknown;
  #interrupted = false;

  /** @param state what a tier's copy says of its record */
  constructor(record: KafkaRecord, attempt: number, tier: number, state: RetryState | undefined) {
    this.record = record;
    this.attempt = attempt;
    this.tier = tier;
    this.totalAttempts = (state?.attempts ?? 0) + attempt;
    this.#state = state;
  }

  get source(): RecordSource {
    const { topic, partition, offset, timestamp } = this.#state ?? initialState(this.record);
    return { topic, partition, offset, timestamp };
  }

  get id(): string {
    const { topic, partition, offset } = this.#state ?? this.record;
    return `${topic}/${partition}/${offset}`;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Its consumer stops, or its partition is gone, and nobody waits any longer: that it fails from now on says nothing of the record. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }

  interrupt(reason: Error): void {
    this.#interrupted = true;
    this.abort(reason);
  }
}

/** Of the first attempt since the record came here. */
export function firstContext(
  record: KafkaRecord,
  state: RetryState | undefined,
  route: Route,
): AttemptContext {
  return contextOf(record, state, 1 + (state?.waitsFor?.attempts ?? 0), route);
}

export function contextOf(
  record: KafkaRecord,
  state: RetryState | undefined,
  attempt: number,
  { tier }: Route,
): AttemptContext {
  return new AttemptContext(record, attempt, tier, state);
}
