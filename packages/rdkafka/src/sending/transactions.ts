import type { HandOver, MemberTransactions, TopicPartition, TransactionOutcome } from '@velo/engine';
import type { ConsumerHandle } from '../connection/consumer-handle.js';
import { notFenced } from '../errors.js';
import type { TransactionalProducer } from './transactional-producer.js';

/**
 * The transactions of one member, by one producer. The brokers refuse the offsets of a member that is not in its group,
 * so a former owner can commit nothing for a partition once it has another one; what it has sent before, the new owner's
 * question for the committed offset waits for.
 */
export class Transactions implements MemberTransactions {
  readonly #open: (gzip: boolean) => TransactionalProducer;
  readonly #consumer: ConsumerHandle;
  #producer: TransactionalProducer | undefined;
  /** Whether its producers compress: from the first copy on that has to be, all do. */
  #gzip = false;
  #opening: Promise<void> | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  readonly #ending = new Set<Promise<void>>();
  #resting = false;
  #ended = false;

  /** @param open makes a producer; all of one member have the same transactional id */
  constructor(open: (gzip: boolean) => TransactionalProducer, consumer: ConsumerHandle) {
    this.#open = open;
    this.#consumer = consumer;
  }

  async fence(_partitions: readonly TopicPartition[]): Promise<void> {
    await this.#busy;
    if (this.#producer?.usable) return;
    this.#opening ??= this.#replace().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  transact(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]> {
    const producer = this.#producer;
    if (this.#resting || this.#ended || !producer?.usable) {
      const failure: TransactionOutcome = { committed: false, error: notFenced() };
      return Promise.resolve(handOvers.map(() => failure));
    }
    const gzip = handOvers.some(({ copies }) => copies.some((copy) => copy.gzip));
    const running =
      gzip && !this.#gzip ? this.#transactInGzip(handOvers) : producer.transact(handOvers, this.#consumer);
    this.#busy = running;
    return running;
  }

  async #transactInGzip(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]> {
    this.#gzip = true;
    try {
      await this.#replace();
    } catch (error) {
      return handOvers.map(() => ({ committed: false, error }));
    }
    return (
      this.#producer?.transact(handOvers, this.#consumer) ??
      handOvers.map(() => ({ committed: false, error: notFenced() }))
    );
  }

  /**
   * No more of them; resolves when the one under way has ended. Its offsets, sent after the partitions were let go, would
   * be those of a member of the next generation, and accepted.
   */
  async rest(): Promise<void> {
    this.#resting = true;
    await this.#busy;
  }

  /** The member owns partitions again. */
  goOn(): void {
    this.#resting = false;
  }

  /** After what is under way. Never rejects. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#busy;
    await this.#opening?.catch(() => {});
    this.#retire();
    await Promise.all(this.#ending);
  }

  async #replace(): Promise<void> {
    this.#retire();
    if (this.#ended) throw notFenced();
    const producer = this.#open(this.#gzip);
    try {
      await producer.fence();
      this.#producer = producer;
    } catch (error) {
      this.#leave(producer);
      throw error;
    }
  }

  #retire(): void {
    if (this.#producer !== undefined) this.#leave(this.#producer);
    this.#producer = undefined;
  }

  #leave(producer: TransactionalProducer): void {
    const ending = producer.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
