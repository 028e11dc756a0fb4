import type { Clock } from '@velo/retry-core';
import { type ExplainContext, explainKafkaError, formatDuration } from '@velo/retry-core';
import { lacksRights } from '../failures/client-error.js';

/**
 * How long rights may be missing that were there before, ms: who changes ACLs or passwords does so in steps, and each
 * broker hears of it in its own time. At the waits between a member's restarts these are 35 of them.
 */
export const RIGHTS_LIMIT = 300_000;
/** Refusals that are farther apart are not of one change, ms. */
const ANEW_AFTER = 60_000;

/** Of something that has worked, and that the brokers refuse now for want of rights: how long it is tried again. */
export class Patience {
  readonly #clock: Clock;
  #worked = false;
  #since = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It has the rights that it needs. Of what never had them, the first refusal is the end. */
  worked(): void {
    this.#worked = true;
  }

  /** Whether to try again after this error; asked at each. */
  bears(error: unknown): boolean {
    if (!this.#worked || !lacksRights(error)) return false;
    const now = this.#clock.now();
    if (now - this.#last > ANEW_AFTER) this.#since = now;
    this.#last = now;
    this.#worked = now - this.#since < RIGHTS_LIMIT;
    return this.#worked;
  }
}

/** A patience with each topic that copies go to, and one with the transactions themselves: their topic is `undefined`. */
export class TopicPatience {
  readonly #clock: Clock;
  readonly #topics = new Map<string | undefined, Patience>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A copy was acknowledged. */
  worked(topic: string | undefined): void {
    let patience = this.#topics.get(topic);
    if (patience === undefined) {
      patience = new Patience(this.#clock);
      this.#topics.set(topic, patience);
    }
    patience.worked();
  }

  bears(topic: string | undefined, error: unknown): boolean {
    return this.#topics.get(topic)?.bears(error) ?? false;
  }
}

/** What follows the news of a refusal: what it means, and what to do. Empty for any other error. */
export function adviseOnRights(error: unknown, context: ExplainContext): string {
  if (!lacksRights(error)) return '';
  const limit = formatDuration(RIGHTS_LIMIT);
  return `\nNothing is lost: rights that were there before may be missing for ${limit}, then it ends. Give them back; consumer.requirements() tells all that are needed.\n${explainKafkaError(error, context)}`;
}
