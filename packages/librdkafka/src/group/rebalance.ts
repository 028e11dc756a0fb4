import { isLegalPartition, partitionKey, type TopicPartition } from '@velo/engine';
import type { RdKafkaConsumer } from '../api.js';
import type { ClientFacts } from '../facts.js';

/** Tells librdkafka what the group has decided. Each method must be called for each decision, or it waits for ever. */
export class Rebalance {
  readonly #consumer: RdKafkaConsumer;
  readonly #facts: ClientFacts;
  #cooperative = false;

  constructor(consumer: RdKafkaConsumer, facts: ClientFacts) {
    this.#consumer = consumer;
    this.#facts = facts;
  }

  /** Partitions come and go one by one; else all go before any come. Once disconnecting, librdkafka no longer says. */
  get cooperative(): boolean {
    return this.#cooperative;
  }

  /** What is to be revoked has other owners already. */
  get isLost(): boolean {
    return this.#facts.isAssignmentLost(this.#consumer);
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

/** For librdkafka: its clients crash the process at a partition that cannot exist, and of one named twice nothing is assigned. */
function toList(partitions: readonly TopicPartition[]): { topic: string; partition: number }[] {
  const byKey = new Map<string, { topic: string; partition: number }>();
  for (const { topic, partition } of partitions.filter(isLegalPartition))
    byKey.set(partitionKey(topic, partition), { topic, partition });
  return [...byKey.values()];
}
