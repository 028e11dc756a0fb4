import {
  type HandOver,
  type MemberTransactions,
  notFenced,
  type OutgoingRecord,
  type TopicPartition,
  type TransactionOutcome,
} from '@velo/engine';
import type { ConsumerHandle } from '../connection/consumer-handle.js';
import { failuresOf, isConcurrent, type TransactionalProducer } from './transactional-producer.js';

export interface TransactionsOptions {
  /** A transactional id that nobody has had. */
  readonly newId: () => string;
  readonly open: (id: string, gzip: boolean) => TransactionalProducer;
  readonly consumer: ConsumerHandle;
}

/**
 * The transactions of one member, by one producer. The brokers refuse the offsets of a member that is not in its group,
 * so a former owner can commit nothing for a partition once it has another one; what it has sent before, the new owner's
 * question for the committed offset waits for.
 *
 * All producers have the same transactional id, so that the next one ends what the last one has left open. But where a
 * partition of a transaction has no leader, the coordinator cannot end it before there is one, and nothing begins under
 * its id: the member goes on under a fresh one. That is as safe. The old transaction is already aborted or committed,
 * whichever it is, and its offsets are pending: the question for the committed offset waits for them (KIP-447).
 */
export class Transactions implements MemberTransactions {
  readonly #options: TransactionsOptions;
  #id: string;
  #producer: TransactionalProducer | undefined;
  /** Whether its producers compress: from the first copy on that has to be, all do. */
  #gzip = false;
  #opening: Promise<void> | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  readonly #ending = new Set<Promise<void>>();
  #resting = false;
  #ended = false;

  constructor(options: TransactionsOptions) {
    this.#options = options;
    this.#id = options.newId();
  }

  async fence(_partitions: readonly TopicPartition[]): Promise<void> {
    await this.#busy;
    if (!this.#producer?.usable) await this.#renew();
  }

  transact(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]> {
    const running = this.#transact(handOvers).catch((error: unknown) =>
      handOvers.map(() => ({ committed: false, error }) as const),
    );
    this.#busy = running;
    return running;
  }

  /**
   * Partitions that were not in the last producer's last transaction need no fence for the next one: where theirs has
   * failed, the engine does not hand over before it.
   */
  async #transact(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]> {
    if (this.#opening !== undefined) await this.#opening;
    if (this.#resting || this.#producer === undefined) throw notFenced();
    const gzip = handOvers.some(({ copies }) => copies.some((copy) => copy.gzip));
    const fits = this.#gzip || !gzip;
    this.#gzip ||= gzip;
    if (!fits || !this.#producer.usable) await this.#renew();
    if (this.#resting || this.#ended) throw notFenced();
    const end = await this.#producer.transact(handOvers, this.#options.consumer);
    if (!('reason' in end)) return end;
    return failuresOf(handOvers, end.outcomes, end.reason, await this.#refusing(handOvers));
  }

  /**
   * The topics that this user may not write to. Of several, each is tried by one copy that is undone; by another producer, since
   * librdkafka gives one up whose transaction had several when it was refused.
   */
  async #refusing(handOvers: readonly HandOver[]): Promise<ReadonlySet<string>> {
    const firsts = new Map<string, readonly [copy: OutgoingRecord, of: HandOver]>();
    for (const handOver of handOvers)
      for (const copy of handOver.copies) firsts.set(copy.topic, [copy, handOver]);
    if (firsts.size === 1) return new Set(firsts.keys());
    const refusing = new Set<string>();
    for (const [topic, [copy, of]] of firsts) {
      if (!this.#producer?.usable) await this.#renew();
      if (this.#resting || this.#ended || this.#producer === undefined) throw notFenced();
      if (await this.#producer.refuses(copy, of, this.#options.consumer)) refusing.add(topic);
    }
    return refusing;
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

  #renew(): Promise<void> {
    this.#opening ??= this.#replace().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #replace(): Promise<void> {
    if (this.#producer?.stuck) this.#id = this.#options.newId();
    this.#retire();
    try {
      await this.#begin();
    } catch (error) {
      if (!isConcurrent(error)) throw error;
      this.#id = this.#options.newId();
      await this.#begin();
    }
  }

  async #begin(): Promise<void> {
    if (this.#ended) throw notFenced();
    const producer = this.#options.open(this.#id, this.#gzip);
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
