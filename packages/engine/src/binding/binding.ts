// One file, so that whoever binds a client reads the contract as a whole.
import type { KafkaRecord, TopicPartition } from './record.js';

/**
 * What a client library must be able to do for velo. An adapter implements `ClientBinding` and
 * `GroupMember`, calls `MemberSink`, and decides nothing: it reports facts, the engine decides.
 *
 * No function is optional: whoever wraps one and forgets a part would run a poorer engine and not know it. A
 * `ClientBinding` is a plain object whose functions need no `this`: a wrapper spreads it and replaces what it watches.
 */
export interface ClientBinding {
  readonly capabilities: ClientCapabilities;

  /** Connects what `publish` needs, and rejects where it cannot, as with wrong brokers. */
  connect(): Promise<void>;
  /** How many partitions a topic has; 0 if it does not exist. Must never create it. */
  partitionCount(topic: string): Promise<number>;
  /** The partitions of a topic that have no leader at present: nothing can be written or read there. Must never create it. */
  leaderless(topic: string): Promise<readonly number[]>;
  /** What else the brokers tell of a topic that exists; parts that the client cannot ask for are left out. */
  describeTopic(topic: string): Promise<TopicDescription>;
  /**
   * The ids of topics (KIP-516, Kafka 2.8), as text of at most 64 letters, digits, `-` and `_`: a topic that was deleted and
   * made again has another one. Topics that do not exist, and those whose broker tells no id, are left out. Must never create
   * one. The function itself is undefined where a client cannot ask.
   */
  readonly topicIds: ((topics: readonly string[]) => Promise<ReadonlyMap<string, string>>) | undefined;
  /** The names of all topics that the client may see. */
  listTopics(): Promise<readonly string[]>;
  /**
   * Which topics each member of a group reads and which partitions it owns. Resolves with undefined while the group
   * is rebalancing, with none where it has no member; the function itself is undefined where a client cannot ask.
   */
  readonly describeGroup: ((groupId: string) => Promise<GroupDescription | undefined>) | undefined;
  /** The names of all groups that the client may see, also of those without members; the function itself is undefined where a client cannot ask. */
  readonly listGroups: (() => Promise<readonly string[]>) | undefined;
  /** Creates what is missing; a topic that exists already is no error. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Grows a topic to `count` partitions; one that has as many already is no error. */
  createPartitions(topic: string, count: number): Promise<void>;
  /**
   * The earliest offset that the log of each partition still has, and the offset that its next record gets. Each
   * partition has a promise of its own, in the order asked, since its leader may be away while others answer. Those
   * of one leader settle together.
   */
  offsets(partitions: readonly TopicPartition[]): readonly Promise<OffsetRange>[];
  /** What the group has committed, in the order asked; offset -1 where there is nothing. */
  committed(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;

  /**
   * Writes a batch of one partition, in its order, with acks=all, and resolves, never rejects, with one outcome for each
   * record, in the same order. An outcome is `written` only when the broker has named that very partition in its answer.
   * The batch has at most 500 records and 512 KiB, or one record that is larger. One that is rejected for the sake of one
   * record is refused as a whole: the engine sends it again in halves.
   */
  publish(records: readonly OutgoingRecord[]): Promise<readonly PublishOutcome[]>;

  /** Joins the group; resolves when the member has joined, rejects when it could not. */
  join(membership: Membership, sink: MemberSink): Promise<GroupMember>;

  /** Ends all connections. Twice is fine. */
  close(): Promise<void>;
}

/** Where clients differ in what they can carry. */
export interface ClientCapabilities {
  /** A header value of any bytes arrives as it was sent. */
  readonly binaryHeaders: boolean;
  /** A header value can be null. */
  readonly nullHeaders: boolean;
  /** It can compress what it sends: `OutgoingRecord.gzip`. */
  readonly gzip: boolean;
  /** A commit can carry metadata. */
  readonly offsetMetadata: boolean;
  /** How members transact; `undefined`: they cannot. */
  readonly transactions: TransactionCapabilities | undefined;
}

/** `by-member`: one producer, so one transaction at a time; `by-partition`: one for each partition that the member owns. */
export type TransactionScope = 'by-member' | 'by-partition';

export interface TransactionCapabilities {
  readonly scope: TransactionScope;
  /** After how long the brokers abort the transaction of a member that has died, ms. */
  readonly timeout: number;
  /** How many partitions one member may own; `undefined`: any number. */
  readonly maxPartitions: number | undefined;
}

export interface Membership {
  readonly groupId: string;
  readonly topics: readonly string[];
  /**
   * Each source with its tiers, the source first: partitions of one number should be owned by the same member. For
   * clients that can choose how a group assigns its partitions. @default each topic by itself
   */
  readonly families?: readonly (readonly string[])[] | undefined;
  /**
   * What the former member of this consumer owned. It is best assigned to this one again: the consumer still keeps
   * its records. @default nothing
   */
  readonly former?: readonly TopicPartition[] | undefined;
  /** The member's `transactions` will be used, so it reads committed records only, whatever `client` says. */
  readonly transactional?: boolean | undefined;
  /** The sink's `reached` is needed; it is not where this is left out. */
  readonly tellsEnds?: boolean | undefined;
  /** Passed through to the client's own consumer. */
  readonly client?: object | undefined;
}

/** A member of a group: one life of the client's consumer, never restarted. */
export interface GroupMember {
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** The next record that is delivered of this partition is at `offset` or above; none below, none passed over. */
  seek(position: PartitionOffset): void;
  /**
   * Goes under the generation and member id that the member has in the tick of the call: the brokers refuse it if a
   * rebalance has ended that generation.
   */
  commit(offsets: readonly PartitionOffset[]): Promise<void>;
  /** Defined exactly where the client's `capabilities.transactions` are. */
  readonly transactions: MemberTransactions | undefined;
  /** Which brokers answer. Asked each second. */
  contact(): Contact;
  /** Leaves the group and ends its connections; nothing is delivered afterwards. Twice is fine. */
  stop(): Promise<void>;
}

/** What a member has heard from its brokers. */
export interface Contact {
  /** How long ago the last answer came, ms; undefined before the first one. */
  readonly sinceAnswer: number | undefined;
  /** The answers that are late: at least one for each broker that owes one. */
  readonly overdue: readonly OverdueAnswer[];
}

export interface OverdueAnswer {
  /** The broker in words. */
  readonly from: string;
  /**
   * How long the answer is overdue, ms: beyond what the request may take by itself, as a fetch that waits for
   * records. A request that has failed without an answer counts on until the broker answers another one.
   */
  readonly time: number;
  /**
   * Each connection to the broker is refused, or closed at once: it is away for everybody, so a new member would not
   * reach it either.
   */
  readonly refused: boolean;
  /** What failed last between it and the member since it has answered, for people; undefined where nothing did, or nobody knows. */
  readonly error: unknown;
}

/** Copies and offsets in one transaction. */
export interface MemberTransactions {
  /**
   * Ends all earlier transactions for these partitions (InitProducerId), or makes `committed` wait for those that may
   * still be committed; rejects where it can do neither. It may also abort the rightful owner's transaction: that
   * owner fences again, and whoever is outside the group has its next commit refused. `by-partition`: called for each
   * partition by itself, many at once, since what a transaction has written to may have no leader, and its end waits for it.
   */
  fence(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Writes the copies and commits the offsets in one transaction (`by-member`), or in one for each partition
   * (`by-partition`): all or nothing for each partition. Called for fenced partitions only, and never while a
   * transaction of the same member, or for the same partition, is under way. Gives one outcome for each hand-over, in
   * their order. Never rejects, and ends within twice the transaction's timeout.
   */
  transact(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]>;
}

/** What a member tells the engine. No call throws. */
export interface MemberSink {
  /** All partitions that the member owns from now on, after any rebalance. */
  assignment(partitions: readonly TopicPartition[]): void;
  /**
   * The group has put the member out, as after a session timeout: its partitions have other owners, or none until it
   * has joined again. A client that hears of this only with its next assignment calls `assignment` alone.
   */
  lost(): void;
  /**
   * A rebalance may give these partitions to another member. The engine lets running handlers finish and commits, then
   * resolves, within a limit.
   */
  revoking(partitions: readonly TopicPartition[]): Promise<void>;
  /** Fetched records of one partition, in the order of their offsets. */
  records(topic: string, partition: number, records: readonly KafkaRecord[]): void;
  /**
   * All up to `next` has been read of a partition, and what there was beyond the last record is none: the markers of
   * transactions, or what was aborted. Told where records would not show it, by members with `tellsEnds`; twice is fine.
   */
  reached(partition: TopicPartition, next: number): void;
  /**
   * The brokers have answered that the position of a partition is out of range. Until the engine has called `seek`,
   * then `pause` or `resume`, records may come from any offset, or none at all. The client itself commits nothing of
   * it.
   */
  outOfRange(partition: TopicPartition): void;
  /** The member has ended by itself. Once at most, never after `stop`. */
  crashed(error: unknown): void;
}

export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
  readonly metadata?: string | undefined;
}

export interface CommittedOffset {
  /**
   * The next offset to read; -1 if nothing is committed. `earliest`: a client has committed by itself that the group
   * begins there.
   */
  readonly offset: number | 'earliest';
  readonly metadata: string;
}

export interface OffsetRange {
  readonly earliest: number;
  /** The end of the partition: the offset that the next record gets. */
  readonly latest: number;
}

export type OutgoingHeader = readonly [name: string, value: Buffer | string | null];

export interface OutgoingRecord extends TopicPartition {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: readonly OutgoingHeader[];
  /** Milliseconds since 1970; the time of the send if left out. */
  readonly timestamp?: number | undefined;
  /**
   * Compressed with gzip, in a batch of its own. Such a record comes alone in a call of `publish`, and as the only
   * copy of its source's partition in one of `transact`; it comes only where `capabilities.gzip` is set. @default as
   * the client is set up
   */
  readonly gzip?: boolean | undefined;
}

export type PublishOutcome =
  | { readonly written: true /** Where the broker told it. */; readonly offset?: string | undefined }
  | { readonly written: false; readonly error: unknown };

/** Copies of records of one partition, and where the group stands in it when they are written. */
export interface HandOver {
  readonly offset: PartitionOffset;
  readonly copies: readonly OutgoingRecord[];
}

export type TransactionOutcome = { readonly committed: true } | TransactionFailure;

/** The transaction was not committed, or nobody knows whether it was. */
export interface TransactionFailure {
  readonly committed: false;
  readonly error: unknown;
  /** The copies that the error may be about, by their index; none if it is about the transaction itself. */
  readonly suspects?: readonly number[] | undefined;
}

/** Each member of a group: what it has subscribed to, and what the group's leader has given it. */
export type GroupDescription = readonly {
  readonly topics: readonly string[];
  readonly assigned: readonly TopicPartition[];
}[];

export interface TopicDescription {
  readonly replicationFactor?: number | undefined;
  /** Only those that were set for the topic itself. */
  readonly configs?: Readonly<Record<string, string>> | undefined;
  /** All that hold for it, the brokers' defaults included. */
  readonly effective?: Readonly<Record<string, string>> | undefined;
}

export interface TopicSpec {
  readonly topic: string;
  /** -1: the broker's default. */
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replicationFactor: number;
  readonly configs?: Readonly<Record<string, string>> | undefined;
}
