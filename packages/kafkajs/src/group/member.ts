import type { Contact, GroupMember, MemberSink, PartitionOffset, TopicPartition } from '@velo/engine';
import type { KafkaJsBatchPayload, KafkaJsConsumer, KafkaJsEventPayloads } from '../api.js';
import { Holdings } from '../fetching/holdings.js';
import { Positions } from '../fetching/positions.js';
import { toRecords } from '../fetching/records.js';
import { LostCoordinator } from '../quirks/lost-coordinator.js';
import type { Transactions } from '../sending/transactions.js';
import type { BrokerContact } from './broker-contact.js';
import { Commits } from './commits.js';

/** While all is paused, how long until the next heartbeat, ms; kafkajs sends one at most each heartbeatInterval. */
const HEARTBEAT_SLICE = 500;

/** One life of a kafkajs consumer. Its fetch loop only feeds the sink: while it waits, all partitions wait. */
export class Member implements GroupMember {
  readonly transactions: Transactions;
  readonly #consumer: KafkaJsConsumer;
  readonly #contact: BrokerContact;
  readonly #sink: MemberSink;
  readonly #commits: Commits;
  readonly #holdings = new Holdings();
  readonly #positions = new Positions();
  readonly #coordinator: LostCoordinator;
  /** Assigned by the group's leader, and not to be asked of the brokers. */
  #withheld: readonly TopicPartition[] = [];
  /** Told once it has left. */
  onStopped: () => void = () => {};
  #ended = false;
  #stopping: Promise<void> | undefined;

  /** @param isServed asks the cluster whether the group has a coordinator that answers for a partition */
  constructor(
    consumer: KafkaJsConsumer,
    sink: MemberSink,
    isServed: (partition: TopicPartition) => Promise<boolean>,
    transactions: Transactions,
    contact: BrokerContact,
  ) {
    this.#consumer = consumer;
    this.#contact = contact;
    this.transactions = transactions;
    this.#sink = sink;
    this.#commits = new Commits(consumer);
    this.#coordinator = new LostCoordinator(async () => {
      const [first] = this.#holdings.owned;
      return first !== undefined && isServed(first);
    });
  }

  get owned(): readonly TopicPartition[] {
    return this.#holdings.owned;
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#tell((consumer, owned) => consumer.pause(owned), this.#holdings.pause(partitions));
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#tell((consumer, paused) => consumer.resume(paused), this.#holdings.resume(partitions));
  }

  seek({ topic, partition, offset }: PartitionOffset): void {
    const owned = [{ topic, partition }].filter((candidate) => this.#holdings.owns(candidate));
    for (const position of owned) this.#positions.sought(position, offset);
    this.#tell((consumer) => consumer.seek({ topic, partition, offset: String(offset) }), owned);
  }

  commit(offsets: readonly PartitionOffset[]): Promise<void> {
    const commit = this.#commits.commit(offsets);
    commit.then(
      () => this.#coordinator.reached(),
      (error: unknown) => this.#coordinator.missed(error),
    );
    return commit;
  }

  contact(): Contact {
    return this.#contact.facts;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => this.onStopped());
    return this.#stopping;
  }

  /** The next assignment holds these too, and kafkajs is not told of them. */
  withhold(partitions: readonly TopicPartition[]): void {
    this.#withheld = partitions;
  }

  /** For kafkajs's event GROUP_JOIN. In there, its own assignment has changed already. */
  assign(assignment: KafkaJsEventPayloads['GROUP_JOIN']['memberAssignment']): void {
    if (this.#ended) return;
    const partitions = Object.entries(assignment).flatMap(([topic, list]) =>
      list.map((partition) => ({ topic, partition })),
    );
    this.#positions.forgetAll();
    this.#coordinator.reached();
    this.transactions.assigned(partitions);
    this.#tell((consumer, left) => consumer.resume(left), this.#holdings.assign(partitions));
    this.#sink.assignment([...partitions, ...this.#withheld]);
  }

  /** For kafkajs's event REBALANCING. It joins again at once and waits for nobody; what is committed now still counts. */
  rebalance(): void {
    if (!this.#ended) void this.#sink.revoking(this.#holdings.owned);
  }

  /** For kafkajs's event CRASH. */
  crash(error: unknown): void {
    if (this.#ended) return;
    this.#end();
    this.#sink.crashed(error);
  }

  /**
   * The partition's position was out of range. kafkajs would find that out again and again, so nothing is fetched
   * until `seek`.
   */
  lost(partition: TopicPartition): void {
    if (this.#ended || !this.#holdings.owns(partition)) return;
    this.pause([partition]);
    this.#sink.outOfRange(partition);
  }

  /** For kafkajs's event COMMIT_OFFSETS. */
  witness(made: KafkaJsEventPayloads['COMMIT_OFFSETS']): void {
    this.#commits.witness(made);
  }

  /** For kafkajs's event START_BATCH_PROCESS: a batch of nothing but markers moves the position, and is not fed. */
  pass({
    topic,
    partition,
    batchSize,
    firstOffset,
    lastOffset,
  }: KafkaJsEventPayloads['START_BATCH_PROCESS']): void {
    if (batchSize > 0 || this.#positions.isDoubtful({ topic, partition }, firstOffset)) return;
    this.#positions.passed({ topic, partition }, lastOffset);
    if (!this.#ended && this.#holdings.owns({ topic, partition }))
      this.#sink.reached({ topic, partition }, Number(lastOffset) + 1);
  }

  /** For kafkajs's event REQUEST. */
  answered({ apiName }: KafkaJsEventPayloads['REQUEST']): void {
    if (apiName === 'ListOffsets') this.#positions.moving();
  }

  async feed({
    batch,
    resolveOffset,
    heartbeat,
    commitOffsetsIfNecessary,
    isStale,
  }: KafkaJsBatchPayload): Promise<void> {
    this.#commits.learn(commitOffsetsIfNecessary);
    // What was fetched before a rebalance or a seek can come after it.
    if (this.#ended || !this.#holdings.owns(batch) || isStale()) return;
    const course = this.#positions.courseOf(batch);
    if (course === 'elsewhere') this.#sink.outOfRange({ topic: batch.topic, partition: batch.partition });
    // The batch is not resolved: that would move kafkajs back.
    if (course === 'again' && this.#positions.holdsNothingNew(batch)) return;
    this.#positions.passed(batch, batch.lastOffset(), batch.fetchedOffset);
    // Resolved now and not at the end: by then the partition may have left, and come back at another position.
    resolveOffset(batch.lastOffset());
    this.#sink.records(batch.topic, batch.partition, toRecords(batch));
    // What lies behind the last record is none.
    if (batch.messages.at(-1)?.offset !== batch.lastOffset())
      this.#sink.reached({ topic: batch.topic, partition: batch.partition }, Number(batch.lastOffset()) + 1);
    if (this.#holdings.allPaused) await this.#waitWhileAllPaused(heartbeat);
    this.#coordinator.throwIfElsewhere();
  }

  /**
   * With all partitions paused, kafkajs would sleep for `maxWaitTimeInMs`, and a resume would be that late. A
   * heartbeat that tells of a rebalance throws, which makes kafkajs join again.
   */
  async #waitWhileAllPaused(heartbeat: () => Promise<void>): Promise<void> {
    const { epoch } = this.#holdings;
    while (this.#holdings.allPaused && this.#holdings.epoch === epoch && !this.#ended) {
      this.#coordinator.throwIfElsewhere();
      await heartbeat();
      await this.#holdings.changed(HEARTBEAT_SLICE);
    }
  }

  #end(): void {
    this.#ended = true;
    this.#coordinator.end();
    this.#holdings.wake();
    void this.#commits.end();
    void this.transactions.end();
  }

  async #stop(): Promise<void> {
    this.#end();
    await this.#commits.end();
    await Promise.all([this.transactions.end(), this.#consumer.disconnect()]);
  }

  #tell(
    command: (consumer: KafkaJsConsumer, topics: { topic: string; partitions: number[] }[]) => void,
    partitions: readonly TopicPartition[],
  ): void {
    if (this.#ended || partitions.length === 0) return;
    try {
      command(
        this.#consumer,
        partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })),
      );
    } catch {
      // kafkajs has left its group in a crash that it has not told of yet.
    }
  }
}
