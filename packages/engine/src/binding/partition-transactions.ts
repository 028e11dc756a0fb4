import type { HandOver, MemberTransactions, TransactionOutcome } from './binding.js';
import { notFenced } from './client-errors.js';
import { partitionKey, type TopicPartition } from './record.js';
import { Turns } from './turns.js';

/** The producer of one partition's transactions, from its fence to its end. */
export interface PartitionProducer<G> {
  /** From now on no transaction of another producer with its id is open or can be committed. */
  fence(): Promise<void>;
  /** Never rejects. @param member whose place in the group it is: the brokers refuse a former one */
  transact(handOver: HandOver, member: G | undefined): Promise<TransactionOutcome>;
  /** Twice is fine. Never rejects. */
  end(): Promise<void>;
}

/**
 * The transactions of one member. There is a transactional id for each partition, and a producer for it: a new owner of the
 * partition fences what the former one has under way. What that one begins later, the brokers refuse by its generation.
 */
export class PartitionTransactions<G> implements MemberTransactions {
  readonly #create: (partition: TopicPartition) => PartitionProducer<G>;
  readonly #producers = new Map<string, PartitionProducer<G>>();
  readonly #ending = new Set<Promise<void>>();
  readonly #turns: Turns;
  #member: G | undefined;
  #ended = false;

  /** @param atOnce how many fences run at once */
  constructor(atOnce: number, create: (partition: TopicPartition) => PartitionProducer<G>) {
    this.#turns = new Turns(atOnce);
    this.#create = create;
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
          producer?.transact(handOver, this.#member) ?? {
            committed: false,
            error: notFenced({ topic, partition }),
          }
        );
      }),
    );
  }

  /** An assignment has come, of these partitions, to this generation of the member: ends the producers of all others. */
  owns(partitions: readonly TopicPartition[], member: G | undefined): void {
    this.#member = member;
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
    const producer = this.#create({ topic, partition });
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
