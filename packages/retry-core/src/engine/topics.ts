import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import { formatDuration } from '../durations/format-duration.js';
import { classifyKafkaError } from '../errors/classify-kafka-error.js';
import { explainKafkaError } from '../errors/explain-kafka-error.js';
import type { RetryStrategy } from '../strategies/strategy.js';
import { VeloError } from '../velo-error.js';
import type { ClientBinding } from './binding.js';

export interface TopicWait {
  readonly topic: string;
  /** ms so far */
  readonly elapsed: number;
  /** ms until the next look */
  readonly delay: number;
  /** What is missing, and what to do. */
  readonly explanation: string;
}

export interface WaitForTopicOptions {
  /** ms; 0 looks once */
  readonly timeout: number;
  readonly strategy: RetryStrategy;
  readonly clock: Clock;
  /** For the `kafka-topics` command of the explanation. */
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((wait: TopicWait) => void) | undefined;
}

/**
 * Waits until a topic exists and gives back its partition count. What may pass (missing, no leader yet, brokers
 * unreachable) is waited for, what will not (not authorized, bad configuration) is thrown at once.
 *
 * @throws {VeloError} `VELO_TOPIC_MISSING` if it is still missing at the end, `VELO_TIMEOUT` if the brokers could
 *   not tell, `VELO_CLIENT` if they will never; each message says what to do. The signal's reason on abort.
 */
export async function waitForTopic(
  client: ClientBinding,
  topic: string,
  options: WaitForTopicOptions,
): Promise<number> {
  const { timeout, strategy, clock, partitions, replicationFactor, signal, onWait } = options;
  const start = clock.now();
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    let error: unknown;
    try {
      const count = await client.partitionCount(topic);
      if (count > 0) return count;
      error = missingTopic(topic);
    } catch (thrown) {
      error = thrown;
    }
    const { category, retry } = classifyKafkaError(error);
    const missing = category === 'TopicMissing';
    const elapsed = clock.now() - start;
    const explanation = explainKafkaError(error, { topic, partitions, replicationFactor });
    if (!missing && !retry) throw new VeloError('VELO_CLIENT', explanation, { cause: error });
    const left = timeout - elapsed;
    if (left <= 0) {
      const waited = timeout > 0 ? `Waited ${formatDuration(timeout)}. ` : '';
      throw new VeloError(missing ? 'VELO_TOPIC_MISSING' : 'VELO_TIMEOUT', waited + explanation, {
        cause: error,
      });
    }
    const delay = Math.min(strategy.delay(tries), left);
    onWait?.({ topic, elapsed, delay, explanation });
    await sleep(delay, signal, clock);
  }
}

/** What the brokers answer for a missing topic: UNKNOWN_TOPIC_OR_PARTITION. */
export function missingTopic(topic: string): Error {
  return Object.assign(new Error(`Unknown topic or partition: ${topic}`), { name: 'KafkaError', code: 3 });
}
