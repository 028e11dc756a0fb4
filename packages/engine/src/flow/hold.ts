import type { KafkaRecord } from '../binding/record.js';
import type { HeldTopic, HoldReason } from '../observing/held.js';

/** One reason to hold a source. It may let one record through, alone, to see whether its cause is mended. */
export class Hold implements HeldTopic {
  readonly topic: string;
  readonly reason: HoldReason;
  readonly since: number;
  #isTrialOffered = false;
  #trial: KafkaRecord | undefined;

  constructor(topic: string, reason: HoldReason, since: number) {
    this.topic = topic;
    this.reason = reason;
    this.since = since;
  }

  /** A record may be tried, or is. */
  get isOnTrial(): boolean {
    return this.#isTrialOffered || this.#trial !== undefined;
  }

  /** The next one that asks may start. */
  offerTrial(): void {
    this.#isTrialOffered = true;
  }

  endTrial(): void {
    this.#isTrialOffered = false;
    this.#trial = undefined;
  }

  /** @param record `undefined`: any that has not started yet */
  lets(record: KafkaRecord | undefined): boolean {
    return this.#isTrialOffered || (record !== undefined && this.isTrial(record));
  }

  isTrial(record: KafkaRecord): boolean {
    return this.#trial === record;
  }

  /** It starts. */
  take(record: KafkaRecord): void {
    this.#isTrialOffered = false;
    this.#trial = record;
  }

  /** A record of this partition cannot tell any more: another one may. */
  forget(isGone: (record: KafkaRecord) => boolean): boolean {
    if (this.#trial === undefined || !isGone(this.#trial)) return false;
    this.#trial = undefined;
    this.#isTrialOffered = true;
    return true;
  }
}
