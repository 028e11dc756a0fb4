import { notCommitted, type PartitionOffset, partitionKey } from '@velo/engine';
import type { KafkaJsBatchPayload, KafkaJsConsumer, KafkaJsOffsets } from '../api.js';

type CommitThroughBatch = KafkaJsBatchPayload['commitOffsetsIfNecessary'];

/**
 * Commits that the brokers have made. kafkajs's `commitOffsets` resolves without a commit while the consumer stops.
 * The commit that each batch carries does commit then, and takes the generation at its call; but there is none before
 * the first batch.
 */
export class Commits {
  readonly #consumer: KafkaJsConsumer;
  readonly #pending = new Set<Promise<void>>();
  /** Told what kafkajs says it has committed. */
  readonly #witnesses = new Set<(made: KafkaJsOffsets) => void>();
  #throughBatch: CommitThroughBatch | undefined;
  #ended = false;

  constructor(consumer: KafkaJsConsumer) {
    this.#consumer = consumer;
  }

  /** Takes the commit of any batch: all go under the member's present generation. */
  learn(throughBatch: CommitThroughBatch): void {
    this.#throughBatch = throughBatch;
  }

  /** For kafkajs's event COMMIT_OFFSETS. */
  witness(made: KafkaJsOffsets): void {
    for (const see of this.#witnesses) see(made);
  }

  commit(offsets: readonly PartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return Promise.resolve();
    const commit = this.#commit(offsets);
    this.#pending.add(commit);
    const forget = () => void this.#pending.delete(commit);
    commit.then(forget, forget);
    return commit;
  }

  /**
   * Refuses further commits; resolves when those under way have settled: after a disconnect, they would connect
   * again.
   */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled(this.#pending);
  }

  async #commit(offsets: readonly PartitionOffset[]): Promise<void> {
    if (this.#ended) throw notCommitted('the member has left its group');
    if (this.#throughBatch === undefined) await this.#commitWitnessed(offsets);
    else await this.#throughBatch(toOffsets(offsets));
  }

  async #commitWitnessed(offsets: readonly PartitionOffset[]): Promise<void> {
    const missing = new Map(
      offsets.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]),
    );
    const see = (made: KafkaJsOffsets) => {
      for (const { topic, partitions } of made.topics) {
        for (const { partition, offset } of partitions) {
          const key = partitionKey(topic, partition);
          if (missing.get(key) === Number(offset)) missing.delete(key);
        }
      }
    };
    this.#witnesses.add(see);
    try {
      await this.#consumer.commitOffsets(
        offsets.map(({ topic, partition, offset, metadata = null }) => ({
          topic,
          partition,
          offset: String(offset),
          metadata,
        })),
      );
    } finally {
      this.#witnesses.delete(see);
    }
    if (missing.size > 0) throw notCommitted('kafkajs was stopping');
  }
}

function toOffsets(offsets: readonly PartitionOffset[]): KafkaJsOffsets {
  const topics = new Map<string, KafkaJsOffsets['topics'][number]['partitions']>();
  for (const { topic, partition, offset, metadata = null } of offsets) {
    const partitions = topics.get(topic) ?? [];
    partitions.push({ partition, offset: String(offset), metadata });
    topics.set(topic, partitions);
  }
  return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) };
}
