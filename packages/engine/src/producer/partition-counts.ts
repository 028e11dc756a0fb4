import type { Clock } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { missingTopic } from '../binding/broker-errors.js';

/** How long a partition count is believed, ms; librdkafka's and Java's metadata live for 5 minutes. */
const METADATA_AGE = 60_000;

/** What is known of a topic. */
export interface Partitions {
  readonly count: number;
  /** Those that have a leader, where only some have. */
  readonly led: readonly number[] | undefined;
}

/** How many partitions topics have, as the brokers said within the last minute. */
export class PartitionCounts {
  readonly #clock: Clock;
  /** `until`: by the clock's `now`, ms. */
  readonly #known = new Map<string, Partitions & { readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param highest a partition that is wanted: where it is beyond what is known, the topic may have grown */
  known(topic: string, highest: number): Partitions | undefined {
    const known = this.#known.get(topic);
    return known !== undefined && known.until > this.#clock.now() && known.count > highest
      ? known
      : undefined;
  }

  /** @throws as the brokers do for a topic that is missing, and what the client throws */
  async ask(client: ClientBinding, topic: string): Promise<Partitions> {
    const count = await client.partitionCount(topic);
    if (count === 0) throw missingTopic(topic);
    const led = ledOf(count, new Set(await client.leaderless(topic)));
    const found = { count, led, until: this.#clock.now() + METADATA_AGE };
    this.#known.set(topic, found);
    return found;
  }

  /** A send has failed: the topic may be another one now. */
  forget(topic: string): void {
    this.#known.delete(topic);
  }
}

function ledOf(count: number, without: ReadonlySet<number>): readonly number[] | undefined {
  if (without.size === 0 || without.size >= count) return undefined;
  return Array.from({ length: count }, (_, partition) => partition).filter(
    (partition) => !without.has(partition),
  );
}
