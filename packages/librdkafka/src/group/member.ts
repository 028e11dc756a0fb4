// One file, since each event of the client's consumer is told to the same parts, in an order that counts.
import type { Contact, GroupMember, MemberSink, PartitionOffset, TopicPartition } from '@velo/engine';
import type { RdKafkaTopicPartition } from '../api.js';
import type { ConsumerHandle } from '../connection/consumer-handle.js';
import { CODES, codeOf } from '../errors/codes.js';
import { isFatal } from '../errors/fatal-error.js';
import type { ClientFacts } from '../facts.js';
import { Intake } from '../fetching/intake.js';
import { Polling } from '../fetching/polling.js';
import { seekNow } from '../fetching/seek.js';
import type { Transactions } from '../sending/transactions.js';
import { BrokerContact } from './broker-contact.js';
import { Commits } from './commits.js';
import { Rebalance } from './rebalance.js';
import type { Standstills } from './standstills.js';

/** ms. For the broker's answers to the last commits. */
const COMMIT_LIMIT = 5_000;
/** ms. For giving all partitions back. */
const LEAVE_LIMIT = 1_000;

/** One life of a client's consumer. Its polling only feeds the sink. */
export class Member implements GroupMember {
  readonly transactions: Transactions;
  readonly #handle: ConsumerHandle;
  readonly #sink: MemberSink;
  readonly #commits: Commits;
  readonly #contact: BrokerContact;
  readonly #standstills: Standstills;
  readonly #intake: Intake;
  readonly #polling: Polling;
  readonly #rebalance: Rebalance;
  /** Rebalances run one after the other, since a revocation waits for handlers. */
  #turn: Promise<void> = Promise.resolve();
  readonly #onAssignment: () => void;
  readonly #onError: (error: unknown) => void;
  #assigned = false;
  /** Called when the brokers no longer know the member: nothing that it does counts any more. */
  #onExpelled: (() => void) | undefined;
  #ended = false;
  /** Told once it has left. */
  onStopped: () => void = () => {};
  #stopping: Promise<void> | undefined;

  /**
   * @param onAssignment told of the first assignment
   * @param onError told of what comes instead of messages, and of commits that are refused for good
   */
  constructor(
    handle: ConsumerHandle,
    facts: ClientFacts,
    sink: MemberSink,
    transactions: Transactions,
    standstills: Standstills,
    onAssignment: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#handle = handle;
    this.#sink = sink;
    this.#onAssignment = onAssignment;
    this.#onError = onError;
    this.transactions = transactions;
    this.#commits = new Commits(handle.client);
    this.#intake = new Intake(handle.client, sink);
    this.#rebalance = new Rebalance(handle.client, facts);
    this.#standstills = standstills;
    this.#contact = new BrokerContact(handle, ({ topic, partition }, end) => {
      const holding = this.#intake.holdings.find(topic, partition);
      const emptyAt = () => this.#polling.emptyAt;
      if (holding !== undefined)
        standstills.look(holding, { end, emptyAt }, (error) => this.#ended || onError(error));
    });
    this.#polling = new Polling({
      consumer: handle.client,
      isFull: () => this.#intake.holdings.allPaused,
      onMessages: (messages) => {
        this.#contact.heard();
        if (!this.#ended) this.#intake.take(messages);
      },
      onError: (error) => {
        if (!this.#ended) onError(error);
      },
    });
  }

  /** Subscribes; librdkafka joins the group as soon as it is polled. */
  start(topics: readonly string[]): void {
    this.#handle.client.subscribe([...topics]);
    this.#polling.start();
    this.#contact.start();
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#intake.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    if (this.#ended) return;
    this.#intake.resume(partitions);
    this.#polling.wake();
  }

  seek(position: PartitionOffset): void {
    const holding = this.#intake.holdings.find(position.topic, position.partition);
    if (this.#ended || holding === undefined) return;
    holding.forget();
    holding.from = position.offset;
    holding.seeking = true;
    const isWanted = () => !this.#ended && holding.owned && holding.seeking;
    void seekNow(this.#handle, this.#polling, position, isWanted).then(
      () => {
        holding.seeking = false;
      },
      (error: unknown) => this.crash(error),
    );
  }

  commit(offsets: readonly PartitionOffset[]): Promise<void> {
    return this.#commits.commit(offsets);
  }

  contact(): Contact {
    return this.#contact.facts;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => this.onStopped());
    return this.#stopping;
  }

  /** For the client's event `partition.eof`, which comes right before the messages that it is behind. */
  reached({ topic, partition, offset }: RdKafkaTopicPartition): void {
    if (offset === undefined) return;
    queueMicrotask(() => {
      if (!this.#ended) this.#intake.reached({ topic, partition }, offset);
    });
  }

  /** For the client's callback `offset_commit_cb`. */
  committed(error: unknown, offsets: readonly RdKafkaTopicPartition[]): void {
    this.#commits.answered(error, offsets);
    const code = codeOf(error);
    // The brokers refuse all that the member does from now on, and tell it nothing else.
    if (isFatal(error) && !this.#ended) this.#onError(error);
    if (code === CODES.UNKNOWN_MEMBER_ID || code === CODES.ILLEGAL_GENERATION) this.#onExpelled?.();
  }

  /** For the client's callback `rebalance_cb`. */
  rebalance(decision: unknown, partitions: readonly TopicPartition[]): void {
    const assigned = codeOf(decision) === CODES.ASSIGN_PARTITIONS;
    this.#turn = this.#turn
      .then(() => (assigned ? this.#assign(partitions) : this.#revoke(partitions)))
      .catch(() => {});
  }

  /** The position of a partition was out of range, as the log says. */
  lost(partition: TopicPartition, offset: number): void {
    this.#intake.lost(partition, offset);
  }

  /** The topic was deleted and made again, as the log says: by itself librdkafka would read on where it was. */
  madeAgain(topic: string): void {
    if (this.#ended) return;
    for (const owned of this.#intake.holdings.owned)
      if (owned.topic === topic) this.#sink.outOfRange({ topic, partition: owned.partition });
  }

  crash(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.crashed(error);
  }

  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    const { holdings } = this.#intake;
    await this.#polling.between(() => {
      this.#rebalance.assign(partitions);
      if (!this.#ended) this.#goOn();
      holdings.add(partitions);
      if (!this.#rebalance.cooperative) holdings.settle();
      const changed = partitions.length > 0 || !this.#assigned;
      this.#assigned = true;
      if (changed || !this.#rebalance.cooperative) this.#tellAssignment();
    });
    this.#onAssignment();
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const { holdings } = this.#intake;
    // Of a consumer that is on its way out nothing is asked: Confluent's crashes the process once it has disconnected.
    let lost = !this.#ended && this.#rebalance.isLost;
    try {
      if (!this.#ended && !lost) lost = await this.#letGo(partitions);
      await Promise.all([this.#commits.rest('the group rebalances', COMMIT_LIMIT), this.transactions.rest()]);
    } finally {
      await this.#polling.between(() => {
        this.#rebalance.unassign(partitions);
        holdings.release(partitions);
        if (this.#rebalance.cooperative && !lost && !this.#ended) this.#goOn();
        // Of an eager group, most partitions come back, and at once: the next assignment tells which.
        if (!lost && !this.#rebalance.cooperative) return;
        holdings.settle();
        if (lost) this.#tellLoss();
        else this.#tellAssignment();
      });
    }
  }

  /** Lets handlers end and commit; true if the partitions were lost meanwhile. */
  async #letGo(partitions: readonly TopicPartition[]): Promise<boolean> {
    const expelled = new Promise<boolean>((resolve) => {
      this.#onExpelled = () => resolve(true);
    });
    try {
      return await Promise.race([expelled, this.#sink.revoking(partitions).then(() => false)]);
    } finally {
      this.#onExpelled = undefined;
    }
  }

  #goOn(): void {
    this.#commits.goOn();
    this.transactions.goOn();
  }

  /** The next assignment is told, whatever it brings. */
  #tellLoss(): void {
    this.#assigned = false;
    if (!this.#ended) this.#sink.lost();
  }

  #tellAssignment(): void {
    if (this.#ended) return;
    const owned = this.#intake.holdings.owned.map(({ topic, partition }) => ({ topic, partition }));
    this.#contact.assigned(owned);
    this.#sink.assignment(owned);
  }

  async #stop(): Promise<void> {
    this.#ended = true;
    this.#contact.end();
    const still = this.#standstills.end();
    // Handlers are waited for no longer.
    this.#onExpelled?.();
    // Answers to commits come with polls.
    await this.#commits.rest('the member has left its group', COMMIT_LIMIT);
    await this.transactions.end();
    await this.#giveBack();
    await this.#polling.end();
    await Promise.all([this.#handle.end(), still]);
  }

  /**
   * Leaves while librdkafka still waits for each answer to a rebalance. Once it disconnects, an answer that it no longer
   * waits for blocks the event loop for ever, or crashes the process.
   */
  async #giveBack(): Promise<void> {
    if (!this.#polling.running) return;
    const { client } = this.#handle;
    try {
      client.unsubscribe();
      const end = performance.now() + LEAVE_LIMIT;
      do {
        await this.#polling.round();
        await this.#turn;
      } while (client.assignments().length > 0 && performance.now() < end);
    } catch {
      // The consumer is not connected any more, or a fatal error has silenced it.
    }
  }
}
