import { Bell, partitionKey, type TopicPartition } from '@velo/engine';

/**
 * The partitions that a member owns, and which of them are paused. kafkajs keeps the pauses of partitions that have
 * left; this class does not.
 */
export class Holdings {
  #owned = new Map<string, TopicPartition>();
  readonly #paused = new Map<string, TopicPartition>();
  #epoch = 0;
  readonly #bell = new Bell();

  /** Grows with each assignment. */
  get epoch(): number {
    return this.#epoch;
  }

  get owned(): TopicPartition[] {
    return [...this.#owned.values()];
  }

  owns({ topic, partition }: TopicPartition): boolean {
    return this.#owned.has(partitionKey(topic, partition));
  }

  /** Whether all partitions are paused: then kafkajs would sleep, and notice a resume only when it wakes up. */
  get allPaused(): boolean {
    return this.#owned.size > 0 && this.#paused.size === this.#owned.size;
  }

  /** @returns partitions that were paused and are owned no longer */
  assign(partitions: readonly TopicPartition[]): TopicPartition[] {
    this.#epoch++;
    this.#owned = new Map(partitions.map((owned) => [partitionKey(owned.topic, owned.partition), owned]));
    const left = [...this.#paused].filter(([key]) => !this.#owned.has(key));
    for (const [key] of left) this.#paused.delete(key);
    this.wake();
    return left.map(([, partition]) => partition);
  }

  /** @returns those that are owned */
  pause(partitions: readonly TopicPartition[]): TopicPartition[] {
    const owned = partitions.filter((candidate) => this.owns(candidate));
    for (const { topic, partition } of owned)
      this.#paused.set(partitionKey(topic, partition), { topic, partition });
    return owned;
  }

  /** @returns those that were paused */
  resume(partitions: readonly TopicPartition[]): TopicPartition[] {
    const resumed = partitions.filter(({ topic, partition }) =>
      this.#paused.delete(partitionKey(topic, partition)),
    );
    this.wake();
    return resumed;
  }

  /** Resolves after a resume, an assignment or `wake`, or after `limit` ms. */
  changed(limit: number): Promise<void> {
    return this.#bell.next(limit);
  }

  wake(): void {
    this.#bell.ring();
  }
}
