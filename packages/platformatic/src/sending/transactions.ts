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
import type { Cluster } from '../connection/cluster.js';
import type { Generation } from '../connection/offset-commits.js';
import { TransactionalProducer } from './transactional-producer.js';

/** How many fences run at once. */
const AT_ONCE = 20;

/**
 * The transactions of one member. There is a transactional id for each partition: a new owner of the partition fences
 * what the former one has under way. What that one begins later, the brokers refuse by its generation.
 */
export class Transactions implements MemberTransactions {
  readonly #cluster: Cluster;
  readonly #groupId: string;
  readonly #producers = new Map<string, TransactionalProducer>();
  readonly #ending = new Set<Promise<void>>();
  readonly #turns = new Turns(AT_ONCE);
  #generation: Generation | undefined;
  #ended = false;

  constructor(cluster: Cluster, groupId: string) {
    this.#cluster = cluster;
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
        if (producer === undefined || this.#generation === undefined)
          return { committed: false, error: notFenced({ topic, partition }) };
        return producer.transact(handOver, this.#generation);
      }),
    );
  }

  /** An assignment has come, of these partitions: ends the producers of all others. */
  assigned(partitions: readonly TopicPartition[], generation: Generation): void {
    this.#generation = generation;
    this.#keep(partitions);
  }

  /** Never rejects. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#keep([]);
    await Promise.all(this.#ending);
  }

  #keep(partitions: readonly TopicPartition[]): void {
    const kept = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)));
    for (const key of this.#producers.keys()) if (!kept.has(key)) this.#retire(key);
  }

  async #fence({ topic, partition }: TopicPartition): Promise<void> {
    const key = partitionKey(topic, partition);
    this.#retire(key);
    if (this.#ended) throw notFenced({ topic, partition });
    const id = transactionalId(this.#groupId, topic, partition);
    const producer = new TransactionalProducer(this.#cluster, this.#groupId, id);
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
