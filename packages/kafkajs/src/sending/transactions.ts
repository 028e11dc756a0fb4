import { PartitionTransactions, type TopicPartition, transactionalId } from '@velo/engine';
import type { KafkaJs } from '../api.js';
import type { MemberGeneration } from '../quirks/member-offsets.js';
import { TransactionalProducer } from './transactional-producer.js';

/** How many fences run at once: each connects to the cluster by itself. */
const AT_ONCE = 10;

/** The transactions of one member, which kafkajs tells its generation before its assignment. */
export class Transactions extends PartitionTransactions<MemberGeneration> {
  /** The generation of an assignment that is not told yet. */
  #next: MemberGeneration | undefined;

  constructor(kafka: KafkaJs, groupId: string) {
    super(
      AT_ONCE,
      ({ topic, partition }) =>
        new TransactionalProducer(kafka, groupId, transactionalId(groupId, topic, partition)),
    );
  }

  /** The generation of the assignment that comes next. */
  learn(generation: MemberGeneration): void {
    this.#next = generation;
  }

  /** An assignment has come, of these partitions: ends the producers of all others. */
  assigned(partitions: readonly TopicPartition[]): void {
    this.owns(partitions, this.#next);
  }
}
