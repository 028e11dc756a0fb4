import { isLegalPartition, partitionKey, type TopicPartition } from '@velo/engine';
import { CODES, codeOf } from '@velo/librdkafka';
import type { RdKafkaConsumer } from '../api.js';

/** Tells librdkafka what the group has decided. Each method must be called for each decision, or it waits for ever. */
export class Rebalance {
  readonly #consumer: RdKafkaConsumer;
  #cooperative = false;

  constructor(consumer: RdKafkaConsumer) {
    this.#consumer = consumer;
  }

  /** Partitions come and go one by one; else all go before any come. Once disconnecting, librdkafka no longer says. */
  get cooperative(): boolean {
    return this.#cooperative;
  }

  /** What is to be revoked has other owners already: librdkafka says it only to whoever would commit what it has stored. */
  get isLost(): boolean {
    try {
      this.#consumer.commitSync(null);
      return false;
    } catch (error) {
      return codeOf(error) === CODES.ASSIGNMENT_LOST;
    }
  }

  assign(partitions: readonly TopicPartition[]): void {
    const list = toList(partitions);
    this.#cooperative = this.#consumer.rebalanceProtocol() === 'COOPERATIVE';
    try {
      if (this.#cooperative) this.#consumer.incrementalAssign(list);
      else this.#consumer.assign(list);
    } catch (error) {
      // It is disconnecting, and would wait for an answer.
      this.#consumer.unassign();
      throw error;
    }
    // A pause outlives the assignment that it was made in.
    if (list.length > 0) this.#consumer.resume(list);
  }

  unassign(partitions: readonly TopicPartition[]): void {
    if (this.#cooperative) this.#consumer.incrementalUnassign(toList(partitions));
    else this.#consumer.unassign();
  }
}

/** For librdkafka: node-rdkafka crashes the process at a partition that cannot exist, and of one named twice nothing is assigned. */
function toList(partitions: readonly TopicPartition[]): { topic: string; partition: number }[] {
  const byKey = new Map<string, { topic: string; partition: number }>();
  for (const { topic, partition } of partitions.filter(isLegalPartition))
    byKey.set(partitionKey(topic, partition), { topic, partition });
  return [...byKey.values()];
}
