import type { Clock } from '@velo/retry-core';
import { type ExplainContext, explainKafkaError, formatDuration } from '@velo/retry-core';
import { lacksRights, needsRights } from '../failures/client-error.js';

/**
 * How long rights may be missing that were there before, ms. People change ACLs and passwords in steps, and each
 * broker applies a change in its own time. A member restarts 35 times in this time.
 */
export const RIGHTS_LIMIT = 300_000;
/** Refusals that are farther apart, ms, do not belong to one change of the rights. */
const ANEW_AFTER = 60_000;

/** How long something is tried again that has worked before, and that the brokers now refuse for missing rights. */
export class Patience {
  readonly #clock: Clock;
  #worked = false;
  #since = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It has worked, so it had its rights. What has never worked is not tried again after its first refusal. */
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

/**
 * One patience for each topic that copies go to, and one for the transactions themselves: their topic is `undefined`.
 */
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

/** The sentences after the news of a refusal: what it means, and what to do. Empty for any other error. */
export function adviseOnRights(error: unknown, context: ExplainContext): string {
  if (!lacksRights(error)) return '';
  const limit = formatDuration(RIGHTS_LIMIT);
  const advice = needsRights(error)
    ? `rights that were there before may be missing for ${limit}, then it ends. Give them back; consumer.requirements() tells all that are needed.`
    : `credentials that were taken before may be refused for ${limit}, then it ends. Let the brokers take them again, or start with new ones.`;
  return `\nNothing is lost: ${advice}\n${explainKafkaError(error, context)}`;
}
