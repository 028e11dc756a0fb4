// Shown by test/lost-coordinator.test.ts.
import { isVeloError, readText } from '@velo/engine';
import { brokerCode } from '../errors.js';

/** NOT_COORDINATOR, and what kafkajs calls it; with this `type` its loop finds the coordinator anew and joins again. */
const NOT_COORDINATOR = { code: 16, type: 'NOT_COORDINATOR_FOR_GROUP' } as const;
/** Commits that failed in a row; one alone may be a connection that was reset, which the next one opens again. */
const ENOUGH = 2;
/** Between two looks for another coordinator, ms. */
const LOOK_EVERY = 250;

/**
 * A kafkajs member keeps to the coordinator that it has joined at. If that broker is gone, commits and heartbeats fail
 * until it is back, or until kafkajs has crashed: for 10 to 20 s, in which everything is handled and nothing is
 * committed. So a member that can commit no more looks whether the group is served elsewhere, and joins again.
 */
export class LostCoordinator {
  readonly #isServed: () => Promise<boolean>;
  #failures = 0;
  #error: unknown;
  #looking = false;
  #ended = false;
  #isElsewhere = false;

  /** @param isServed asks the cluster, not this member's own coordinator, whether the group has one that answers */
  constructor(isServed: () => Promise<boolean>) {
    this.#isServed = isServed;
  }

  /** A commit was made, or the member has joined. */
  reached(): void {
    this.#failures = 0;
    this.#isElsewhere = false;
  }

  /** A commit has failed. */
  missed(error: unknown): void {
    const code = brokerCode(error);
    // Any other error is an answer of the coordinator, so it is there. velo's own errors say nothing of it.
    if ((code !== undefined && code !== NOT_COORDINATOR.code) || isVeloError(error)) return;
    this.#error = error;
    if (++this.#failures >= ENOUGH && !this.#looking) void this.#look();
  }

  /**
   * To be called for each batch until the member has joined: where another of kafkajs's fetchers fails first, in the
   * same round, kafkajs sees that failure and goes on.
   *
   * @throws what makes kafkajs join again
   */
  throwIfElsewhere(): void {
    if (!this.#isElsewhere || this.#ended) return;
    const cause = this.#error;
    const own = readText(cause, 'name').startsWith('KafkaJS');
    // An error of kafkajs's own kind: any other one it would write to its log.
    throw Object.create(own ? (cause as object) : new Error('the coordinator is gone', { cause }), {
      type: { value: NOT_COORDINATOR.type },
    });
  }

  end(): void {
    this.#ended = true;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#failures >= ENOUGH && !this.#isElsewhere && !this.#ended) {
      const served = await this.#isServed().catch(() => false);
      if (served && this.#failures >= ENOUGH) this.#isElsewhere = true;
      // Not `sleep`: nothing else ends this wait, and it must not keep a process alive that is done.
      else await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY).unref());
    }
    this.#looking = false;
  }
}
