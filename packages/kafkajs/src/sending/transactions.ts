import {
  type HandOver,
  type MemberTransactions,
  notFenced,
  partitionKey,
  type TopicPartition,
  type TransactionOutcome,
  Turns,
  transactionalId,
} from '@velo/engine';
import type { KafkaJs } from '../api.js';
import type { MemberGeneration } from '../quirks/member-offsets.js';
import { TransactionalProducer } from './transactional-producer.js';

/** How many fences run at once: each connects to the cluster by itself. */
const AT_ONCE = 10;

/**
 * The transactions of one member. There is a transactional id for each partition, and a producer for it: a new owner of the
 * partition fences what the former one has under way. What that one begins later, the brokers refuse by its generation.
 */
export class Transactions implements MemberTransactions {
  readonly #kafka: KafkaJs;
  readonly #groupId: string;
  readonly #producers = new Map<string, TransactionalProducer>();
  readonly #ending = new Set<Promise<void>>();
  readonly #turns = new Turns(AT_ONCE);
  /** The generation of an assignment that is not told yet. */
  #next: MemberGeneration | undefined;
  #generation: MemberGeneration | undefined;
  #ended = false;

  constructor(kafka: KafkaJs, groupId: string) {
    this.#kafka = kafka;
    this.#groupId = groupId;
  }

  async fence(partitions: readonly TopicPartition[]): Promise<void> {
    const fences = partitions.map((partition) => this.#turns.run(() => this.#fence(partition)));
    const results = await Promise.allSettled(fences);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  transact(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]> {
    return Promise.all(
      handOvers.map(async (handOver): Promise<TransactionOutcome> => {
        const { topic, partition } = handOver.offset;
        const producer = this.#producers.get(partitionKey(topic, partition));
        return (
          producer?.transact(handOver, this.#generation) ?? {
            committed: false,
            error: notFenced({ topic, partition }),
          }
        );
      }),
    );
  }

  /** The generation of the assignment that comes next. */
  learn(generation: MemberGeneration): void {
    this.#next = generation;
  }

  /** An assignment has come, of these partitions: ends the producers of all others. */
  assigned(partitions: readonly TopicPartition[]): void {
    this.#generation = this.#next;
    this.#keep(partitions);
  }

  #keep(partitions: readonly TopicPartition[]): void {
    const kept = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)));
    for (const key of this.#producers.keys()) if (!kept.has(key)) this.#retire(key);
  }

  /** Never rejects. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#keep([]);
    await Promise.all(this.#ending);
  }

  async #fence({ topic, partition }: TopicPartition): Promise<void> {
    const key = partitionKey(topic, partition);
    this.#retire(key);
    if (this.#ended) throw notFenced({ topic, partition });
    const id = transactionalId(this.#groupId, topic, partition);
    const producer = new TransactionalProducer(this.#kafka, this.#groupId, id);
    this.#producers.set(key, producer);
    await producer.fence();
    if (this.#producers.get(key) !== producer) throw notFenced({ topic, partition });
  }

  #retire(key: string): void {
    const producer = this.#producers.get(key);
    this.#producers.delete(key);
    if (producer === undefined) return;
    const ending = producer.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
