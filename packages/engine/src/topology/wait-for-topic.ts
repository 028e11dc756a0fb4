import type { Clock, ErrorCategory, RetryStrategy } from '@velo/retry-core';
import {
  categorizeKafkaError,
  explainKafkaError,
  exponential,
  formatDuration,
  runAttempt,
  sleep,
  VeloError,
} from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { leaderMissing, missingTopic, unanswered } from '../binding/broker-errors.js';
import { isMissingTopic, passes } from '../failures/client-error.js';

export interface TopicWait {
  readonly topic: string;
  /** ms so far */
  readonly elapsed: number;
  /** ms until the next look */
  readonly delay: number;
  /** Of what stands in the way. */
  readonly category: ErrorCategory;
  /** What is missing, and what to do. */
  readonly explanation: string;
}

/** For the one look of a wait of 0, ms: connecting takes a client some seconds where brokers are busy. */
const SINGLE_LOOK_LIMIT = 15_000;
/** For a look that begins at the end of a longer wait, ms. */
const LAST_LOOK_LIMIT = 1_000;

/** Until all brokers know of a topic that was created, ms. */
const CREATED_LIMIT = 30_000;
/** Brokers know of it within some tens of milliseconds. */
const CREATED_STRATEGY: RetryStrategy = /* @__PURE__ */ exponential({
  initial: 50,
  multiplier: 2,
  max: 2_000,
});

export interface WaitForTopicOptions {
  /** ms; 0 looks once, for at most 15 s. The last look may take as long again, but no more than 1 s. */
  readonly timeout: number;
  /** Between two looks, but for a topic that was just created; without one 50 ms, doubling, at most 2 s. */
  readonly strategy?: RetryStrategy | undefined;
  readonly clock: Clock;
  /** For the `kafka-topics` command of the explanation. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /**
   * It was just created: it is given 30 s at least, looked for at 50 ms, doubling, and each of its partitions must have a
   * leader. Of another topic a partition without a leader says nothing against the rest. @default false
   */
  readonly created?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((wait: TopicWait) => void) | undefined;
}

/**
 * Waits until a topic exists and gives back its partition count. What may pass (missing, no leader yet, brokers
 * unreachable) is waited for, what will not (not authorized, bad configuration) is thrown at once. A look that is
 * under way at the end is given up; what an earlier one has found is the reason then.
 *
 * @throws {VeloError} `VELO_TOPIC_MISSING` if it is still missing at the end, `VELO_TIMEOUT` if the brokers could
 *   not tell, `VELO_CLIENT` if they will never; each message says what to do. The signal's reason on abort.
 */
export async function waitForTopic(
  client: ClientBinding,
  topic: string,
  options: WaitForTopicOptions,
): Promise<number> {
  const { clock, partitions, replicationFactor, created = false, signal, onWait } = options;
  const timeout = created ? Math.max(options.timeout, CREATED_LIMIT) : options.timeout;
  const strategy = (created ? undefined : options.strategy) ?? CREATED_STRATEGY;
  const start = clock.now();
  let error: unknown = unanswered(timeout || SINGLE_LOOK_LIMIT);
  for (let looks = 0; ; looks++) {
    const limit =
      timeout > 0
        ? Math.max(timeout - (clock.now() - start), Math.min(timeout, LAST_LOOK_LIMIT))
        : SINGLE_LOOK_LIMIT;
    const look = await runAttempt(() => lookAt(client, topic, created), looks + 1, signal, limit, clock);
    signal?.throwIfAborted();
    if (look.ended === 'success' && look.result > 0) return look.result;
    if (look.ended === 'success') error = missingTopic(topic);
    if (look.ended === 'failure') error = look.error;
    const missing = isMissingTopic(error);
    const elapsed = clock.now() - start;
    const explanation = explainKafkaError(error, { topic, partitions, replicationFactor });
    if (!passes(error)) throw new VeloError('VELO_CLIENT', explanation, { cause: error });
    const left = timeout - elapsed;
    if (left <= 0) {
      const waited = timeout > 0 ? `Waited ${formatDuration(timeout)}. ` : '';
      throw new VeloError(missing ? 'VELO_TOPIC_MISSING' : 'VELO_TIMEOUT', waited + explanation, {
        cause: error,
      });
    }
    const delay = Math.min(strategy.delay(looks), left);
    onWait?.({ topic, elapsed, delay, category: categorizeKafkaError(error), explanation });
    await sleep(delay, signal, clock);
  }
}

/** @returns how many partitions it has */
async function lookAt(client: ClientBinding, topic: string, leaders: boolean): Promise<number> {
  const count = await client.partitionCount(topic);
  const [without] = count > 0 && leaders ? await client.leaderless(topic) : [];
  if (without !== undefined) throw leaderMissing(topic, without);
  return count;
}
