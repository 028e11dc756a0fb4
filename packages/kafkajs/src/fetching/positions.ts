import { partitionKey, type TopicPartition } from '@velo/engine';
import type { KafkaJsBatch } from '../api.js';

/**
 * How a batch follows the one before it:
 *
 * - `on`: it was fetched from where that one has ended, or it is the first
 * - `again`: it was fetched from where that one was. While a leader moves, kafkajs asks the old one and the new one.
 * - `elsewhere`: kafkajs has moved, since its offset was out of range
 */
export type Course = 'on' | 'again' | 'elsewhere';

interface Passed {
  /** The offset that kafkajs must fetch next. */
  readonly next: bigint;
  /** What the last batch was fetched from; unknown after a batch of markers, or if kafkajs may have moved since. */
  readonly from: string | undefined;
}

/** Where kafkajs has read up to in each partition. It moves by itself when a position is out of range. */
export class Positions {
  readonly #passed = new Map<string, Passed>();
  /** Positions that were sought, and from which no batch has come yet. */
  readonly #sought = new Map<string, string>();

  courseOf({ topic, partition, fetchedOffset }: KafkaJsBatch): Course {
    const before = this.#passed.get(partitionKey(topic, partition));
    if (before === undefined || fetchedOffset === undefined || fetchedOffset === String(before.next))
      return 'on';
    return fetchedOffset === before.from ? 'again' : 'elsewhere';
  }

  /** Whether the batch holds nothing beyond what was passed before. */
  holdsNothingNew(batch: KafkaJsBatch): boolean {
    const before = this.#passed.get(partitionKey(batch.topic, batch.partition));
    return before !== undefined && BigInt(batch.lastOffset()) < before.next;
  }

  /** Another position: what is on its way was fetched from the old one. */
  sought(partition: TopicPartition, offset: number): void {
    const key = partitionKey(partition.topic, partition.partition);
    this.#passed.delete(key);
    this.#sought.set(key, String(offset));
  }

  /** Whether a batch of markers, of which kafkajs does not tell from where it was fetched, may be of before a seek. */
  isDoubtful({ topic, partition }: TopicPartition, firstOffset: string | null): boolean {
    const sought = this.#sought.get(partitionKey(topic, partition));
    return sought !== undefined && sought !== firstOffset;
  }

  /** All up to `lastOffset` was fetched, with one fetch from `fetchedOffset`. */
  passed({ topic, partition }: TopicPartition, lastOffset: string, fetchedOffset?: string): void {
    const next = BigInt(lastOffset) + 1n;
    this.#sought.delete(partitionKey(topic, partition));
    this.#passed.set(partitionKey(topic, partition), { next, from: fetchedOffset });
  }

  /** kafkajs has asked where partitions begin: it moves, and what it fetches from now on is not fetched again. */
  moving(): void {
    for (const [key, { next }] of this.#passed) this.#passed.set(key, { next, from: undefined });
  }

  forgetAll(): void {
    this.#passed.clear();
    this.#sought.clear();
  }
}
