import {
  closed,
  type HandOver,
  indexesByPartition,
  inTime,
  type OutgoingRecord,
  TRANSACTION_TIMEOUT,
  type TransactionFailure,
  type TransactionOutcome,
  tooLate,
  within,
} from '@velo/engine';
import type { KafkaJs, KafkaJsProducer, KafkaJsTransaction } from '../api.js';
import { brokerCode, CLIENT, honest, maybeOtherTopic } from '../errors.js';
import { leaveNoSocket } from '../quirks/leave-no-socket.js';
import { type MemberGeneration, memberOffsets } from '../quirks/member-offsets.js';
import { withClusters } from '../quirks/private-cluster.js';
import { compressionOf, toMessage } from './messages.js';
import { checkAnswer, MAYBE_OTHER_TOPIC } from './send.js';

/**
 * ms. At kafkajs's defaults each transaction that comes right after another waits 300 ms, for as long as the brokers
 * write the former one's markers; about 1.5 s in all.
 */
const RETRY = { initialRetryTime: 5, maxRetryTime: 50, retries: 30 } as const;
/** ms. How long an end waits for what is under way. */
const END_LIMIT = 2_000;

/**
 * One kafkajs producer of one transactional id, from its fence to its end. It is of no more use after a transaction
 * that did not commit: a rejected send spoils its sequence numbers, and the next transaction would drop a record.
 */
export class TransactionalProducer {
  readonly #groupId: string;
  readonly #producer: KafkaJsProducer;
  /** The topics of its transactions so far. */
  readonly #topics = new Set<string>();
  /** Whose transaction is under way. */
  #member: MemberGeneration | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(kafka: KafkaJs, groupId: string, transactionalId: string) {
    this.#groupId = groupId;
    const config = {
      transactionalId,
      transactionTimeout: TRANSACTION_TIMEOUT,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // The records name their partitions.
      createPartitioner: () => (args: { message: { partition?: number } }) => args.message.partition ?? 0,
      retry: RETRY,
    };
    // kafkajs takes the waits of a fence from the cluster's `retry`, and forgets to set it.
    const hurried = withClusters(kafka, (cluster) => {
      cluster.retry = RETRY;
    });
    const naming = memberOffsets(hurried, () => this.#member);
    this.#producer = leaveNoSocket(naming, (watched) => watched.producer(config));
  }

  /** From now on no transaction of another producer with its id is open or can be committed. */
  fence(): Promise<void> {
    return this.#while(async () => {
      await this.#producer.connect();
      const transaction = await this.#producer.transaction();
      await transaction.abort();
    });
  }

  /**
   * Never rejects. After a failure the transaction is aborted in the background, if it can be.
   *
   * @param member who hands over: once it is no longer of this generation, the brokers refuse its offsets. @default nobody
   */
  transact(handOver: HandOver, member?: MemberGeneration | undefined): Promise<TransactionOutcome> {
    this.#member = member;
    return this.#while(() => this.#transact(handOver)).catch((error: unknown) => ({
      committed: false,
      error: honest(error),
    }));
  }

  /** Ends its connections; twice is fine. Never rejects. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #transact({ offset, copies }: HandOver): Promise<TransactionOutcome> {
    const transaction = await this.#producer.transaction();
    const failure = (await this.#sendAll(transaction, copies)) ?? (await this.#commit(transaction, offset));
    if (failure === undefined) return { committed: true };
    this.#busy = transaction.abort().catch(() => {});
    return failure;
  }

  /** One partition after the other: in one send, kafkajs loses one of several when a leader moves. */
  async #sendAll(
    transaction: KafkaJsTransaction,
    copies: readonly OutgoingRecord[],
  ): Promise<TransactionFailure | undefined> {
    for (const indexes of indexesByPartition(copies).values()) {
      const { topic, partition } = copies[indexes[0] as number] as OutgoingRecord;
      const messages = [];
      for (const index of indexes) {
        try {
          messages.push(toMessage(copies[index] as OutgoingRecord));
        } catch (error) {
          return { committed: false, error, suspects: [index] };
        }
      }
      try {
        const compression = compressionOf(copies);
        checkAnswer(await transaction.send({ topic, messages, acks: -1, ...compression }), topic, partition);
      } catch (error) {
        const others = [...this.#topics].some((other) => other !== topic);
        if (others && MAYBE_OTHER_TOPIC.has(brokerCode(error)))
          return { committed: false, error: maybeOtherTopic(error) };
        return { committed: false, error: honest(error), suspects: indexes };
      }
    }
    for (const { topic } of copies) this.#topics.add(topic);
    return undefined;
  }

  async #commit(
    transaction: KafkaJsTransaction,
    { topic, partition, offset, metadata = '' }: HandOver['offset'],
  ): Promise<TransactionFailure | undefined> {
    try {
      await transaction.sendOffsets({
        consumerGroupId: this.#groupId,
        topics: [{ topic, partitions: [{ partition, offset: String(offset), metadata }] }],
      });
      await transaction.commit();
      return undefined;
    } catch (error) {
      return { committed: false, error: honest(error) };
    }
  }

  async #while<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended !== undefined) throw closed();
    const running = work();
    this.#busy = running;
    // kafkajs waits 30 s for an answer that never comes; by then the brokers have undone the transaction.
    return inTime(TRANSACTION_TIMEOUT, running, () => tooLate(CLIENT, 'a transaction', TRANSACTION_TIMEOUT));
  }

  async #end(): Promise<void> {
    // An abort follows what has failed.
    const over = this.#busy.then(() => this.#busy).catch(() => {});
    await within(END_LIMIT, over);
    await this.#producer.disconnect().catch(() => {});
  }
}
