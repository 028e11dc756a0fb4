import { partitionKey, type TopicPartition } from '@velo/retry-core/engine';

/** The offset that kafkajs must fetch next, for each partition; it moves elsewhere by itself when out of range. */
export class Positions {
  readonly #next = new Map<string, string>();

  /** All up to `lastOffset` was fetched. */
  passed({ topic, partition }: TopicPartition, lastOffset: string): void {
    this.#next.set(partitionKey(topic, partition), String(BigInt(lastOffset) + 1n));
  }

  /** Whether the offset that was fetched from is another one than expected. */
  jumped({ topic, partition }: TopicPartition, fetchedOffset: string | undefined): boolean {
    const expected = this.#next.get(partitionKey(topic, partition));
    return expected !== undefined && fetchedOffset !== undefined && fetchedOffset !== expected;
  }

  forget({ topic, partition }: TopicPartition): void {
    this.#next.delete(partitionKey(topic, partition));
  }

  forgetAll(): void {
    this.#next.clear();
  }
}
