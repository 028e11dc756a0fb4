import type {
  ClientBinding,
  CommittedOffset,
  Contact,
  GroupDescription,
  GroupMember,
  MemberSink,
  Membership,
  MemberTransactions,
  OutgoingRecord,
  PartitionOffset,
  PublishOutcome,
  TopicDescription,
  TopicSpec,
} from '../../src/binding/binding.js';
import { lazyHeaders } from '../../src/binding/lazy-headers.js';
import type { KafkaRecord, TopicPartition } from '../../src/binding/record.js';
import type { MemoryTransactions } from './memory-transactions.js';

export interface Stored {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, Buffer | null])[];
  readonly timestamp: number;
  readonly offset: number;
  /** Of a record that was written in a transaction, and of the marker at its end. */
  readonly transaction?: { state: 'open' | 'committed' | 'aborted' | 'marker' };
}

const key = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;
const bytes = (value: Buffer | string | null | undefined) =>
  typeof value === 'string' ? Buffer.from(value) : (value ?? null);

/** An error as the clients throw it: its code is believed. */
export function kafkaError(code: number, message = `code ${code}`): Error {
  return Object.assign(new Error(message), {
    name: 'KafkaJSProtocolError',
    code,
    type: String(code),
    retriable: true,
  });
}

/**
 * Kafka in memory, for faults and orders of events that no real broker can be made to show. Rebalances are the
 * test's to make; a commit is checked against nothing, as the brokers do not check owners either.
 */
export class MemoryCluster {
  readonly topics = new Map<string, Stored[][]>();
  readonly committed = new Map<string, CommittedOffset>();
  /** What groups have committed that no member here is in, as `group topic partition`. */
  readonly committedByOthers = new Map<string, number>();
  /** Each commit, in order. */
  readonly commits: PartitionOffset[][] = [];
  readonly members: MemoryMember[] = [];
  /** What records are stamped with that say nothing else; -1: no stamp. */
  wallTime: () => number = () => -1;
  /** Decides on each write; `undefined` writes. */
  onPublish: (record: OutgoingRecord) => Promise<unknown> | unknown = () => undefined;
  onCommit: (offsets: readonly PartitionOffset[]) => Promise<void> | void = () => {};
  onConnect: () => Promise<void> = async () => {};
  onJoin: () => void = () => {};
  onCreate: (topic: TopicSpec) => void = () => {};
  onPartitionCount: (topic: string) => Promise<void> | void = () => {};
  /** Partitions that nobody leads, as `topic partition`: what is written there is refused for a while, and nobody knows its offsets. */
  readonly leaderless = new Set<string>();
  /** Of topics that exist, and of those that were created. */
  readonly descriptions = new Map<string, TopicDescription>();
  readonly created: TopicSpec[] = [];
  /** What the brokers tell of the group; without it the client cannot ask. */
  /** The brokers' groups; without it the client cannot ask. */
  onListGroups: (() => Promise<readonly string[]>) | undefined;
  onDescribeGroup: (() => Promise<GroupDescription | undefined>) | undefined;
  onOffsets: () => Promise<void> | void = () => {};
  /** The topics that a broker tells. */
  onList: () => readonly string[] = () => [...this.topics.keys()];
  onCommitted: (groupId: string) => Promise<void> | void = () => {};
  /** Without it a broker refuses creation. */
  creates = true;
  offsetMetadata = true;
  /** Its client tells topic ids. */
  tellsIds = false;
  /** Before ids are told; what it gives back is told in their place. */
  onTopicIds: () => ReadonlyMap<string, string> | undefined = () => undefined;
  /** How often each topic was made. */
  readonly #made = new Map<string, number>();
  /** Its client can compress. */
  gzip = true;
  openClients = 0;
  /** Without it the client has none. */
  transactions: MemoryTransactions | undefined;
  /** The most records that are fed at once. */
  mostAtOnce = Number.POSITIVE_INFINITY;
  /** A member that resumes is fed before the call ends, as node-rdkafka does with what it has kept. */
  feedsWithinResume = false;
  /** Partitions that a new member gets by itself; `undefined`: all of its topics. */
  autoAssign = true;

  create(topic: string, partitions = 1): void {
    const logs = this.topics.get(topic) ?? [];
    if (!this.topics.has(topic)) this.#made.set(topic, (this.#made.get(topic) ?? 0) + 1);
    while (logs.length < partitions) logs.push([]);
    this.topics.set(topic, logs);
  }

  /** Deletes a topic with what any group has committed for it, and makes it again. */
  recreate(topic: string, partitions = 1): void {
    this.topics.delete(topic);
    for (const key of this.committed.keys()) if (key.startsWith(`${topic} `)) this.committed.delete(key);
    this.create(topic, partitions);
  }

  /** As an unclean election does: what is at `end` and above is gone. */
  cutOff(topic: string, partition: number, end: number): void {
    const log = this.raw(topic, partition);
    log.splice(0, log.length, ...log.filter(({ offset }) => offset < end));
  }

  produce(topic: string, partition: number, ...values: (string | null | Partial<Stored>)[]): void {
    for (const value of values) {
      const given: Partial<Stored> =
        typeof value === 'object' && value !== null ? value : { value: bytes(value) };
      const log = this.raw(topic, partition);
      const offset = given.offset ?? (log.at(-1)?.offset ?? -1) + 1;
      log.push({ key: null, value: null, headers: [], timestamp: this.wallTime(), ...given, offset });
    }
    for (const member of this.members) member.feed();
  }

  /** As a reader of committed records sees it. */
  log(topic: string, partition = 0): Stored[] {
    const log = this.raw(topic, partition);
    const open = log.findIndex(({ transaction }) => transaction?.state === 'open');
    return (open < 0 ? log : log.slice(0, open)).filter(
      ({ transaction }) => transaction === undefined || transaction.state === 'committed',
    );
  }

  raw(topic: string, partition = 0): Stored[] {
    const log = this.topics.get(topic)?.[partition];
    if (log === undefined) throw new Error(`no ${topic} ${partition}`);
    return log;
  }

  values(topic: string, partition = 0): (string | null)[] {
    return this.log(topic, partition).map(({ value }) => value?.toString() ?? null);
  }

  committedOffset(topic: string, partition = 0): number {
    const offset = this.committed.get(key({ topic, partition }))?.offset ?? -1;
    return offset === 'earliest' ? -1 : offset;
  }

  readonly open = (): ClientBinding => {
    this.openClients++;
    let closed = false;
    return {
      capabilities: {
        binaryHeaders: true,
        nullHeaders: false,
        gzip: this.gzip,
        offsetMetadata: this.offsetMetadata,
        transactions: this.transactions?.capabilities,
      },
      connect: () => this.onConnect(),
      partitionCount: async (topic) => {
        await this.onPartitionCount(topic);
        return this.topics.get(topic)?.length ?? 0;
      },
      leaderless: async (topic) =>
        (this.topics.get(topic) ?? []).flatMap((_, partition) =>
          this.leaderless.has(key({ topic, partition })) ? [partition] : [],
        ),
      createTopics: async (topics) => {
        if (!this.creates) throw kafkaError(35, 'unsupported');
        for (const spec of topics) {
          this.onCreate(spec);
          this.create(spec.topic, spec.partitions);
        }
        this.created.push(...topics);
      },
      topicIds: this.tellsIds ? async (topics) => this.onTopicIds() ?? this.#idsOf(topics) : undefined,
      describeTopic: async (topic) => this.descriptions.get(topic) ?? {},
      listTopics: async () => this.onList(),
      describeGroup: this.onDescribeGroup,
      listGroups: this.onListGroups,
      createPartitions: async (topic, count) => {
        if (!this.creates) throw kafkaError(35, 'unsupported');
        this.create(topic, count);
      },
      offsets: (partitions) => {
        const asked = (async () => this.onOffsets())();
        return partitions.map(async ({ topic, partition }) => {
          await asked;
          if (this.leaderless.has(key({ topic, partition }))) throw kafkaError(5, 'Leader not available');
          const log = this.raw(topic, partition);
          return { earliest: log[0]?.offset ?? 0, latest: (log.at(-1)?.offset ?? -1) + 1 };
        });
      },
      committed: async (groupId, partitions) => {
        await this.onCommitted(groupId);
        const own = this.members.some(({ membership }) => membership.groupId === groupId);
        const other = (at: string) => this.committedByOthers.get(`${groupId} ${at}`) ?? -1;
        return partitions.map((partition) => {
          const nothing = { offset: own ? -1 : other(key(partition)), metadata: '' };
          return (own ? this.committed.get(key(partition)) : undefined) ?? nothing;
        });
      },
      publish: (records) => Promise.all(records.map((record) => this.#write(record))),
      join: async (membership, sink) => {
        this.onJoin();
        const member = new MemoryMember(this, membership, sink);
        this.members.push(member);
        if (this.autoAssign) member.assignAll();
        return member;
      },
      close: async () => {
        if (!closed) this.openClients--;
        closed = true;
      },
    };
  };

  #idsOf(topics: readonly string[]): Map<string, string> {
    return new Map(
      topics.filter((topic) => this.topics.has(topic)).map((topic) => [topic, `id-${this.#made.get(topic)}`]),
    );
  }

  async #write(record: OutgoingRecord): Promise<PublishOutcome> {
    return (await this.refusal(record)) ?? this.append(record);
  }

  async refusal(record: OutgoingRecord): Promise<Extract<PublishOutcome, { written: false }> | undefined> {
    const error = await this.onPublish(record);
    if (error !== undefined) return { written: false, error };
    if (this.leaderless.has(key(record)))
      return { written: false, error: kafkaError(6, 'Not leader for partition') };
    if (this.topics.get(record.topic)?.[record.partition] !== undefined) return undefined;
    return { written: false, error: kafkaError(3, 'Unknown topic or partition') };
  }

  append(record: OutgoingRecord, transaction?: Stored['transaction']): PublishOutcome {
    const log = this.raw(record.topic, record.partition);
    const headers = record.headers.map(([name, value]) => [name, bytes(value)] as const);
    this.produce(record.topic, record.partition, {
      key: bytes(record.key),
      value: bytes(record.value),
      headers,
      timestamp: record.timestamp ?? this.wallTime(),
      ...(transaction && { transaction }),
    });
    return { written: true, offset: String(log.at(-1)?.offset) };
  }
}

/** A member that is fed at once with all that its partitions hold. */
export class MemoryMember implements GroupMember {
  readonly #cluster: MemoryCluster;
  readonly membership: Membership;
  readonly sink: MemberSink;
  readonly paused = new Set<string>();
  readonly #positions = new Map<string, number>();
  #owned: readonly TopicPartition[] = [];
  stopped = false;
  /** What it knows of its brokers' answers. */
  heard: Contact = { sinceAnswer: 0, overdue: [] };
  /** Whether the group still knows it. */
  inGroup = true;

  constructor(cluster: MemoryCluster, membership: Membership, sink: MemberSink) {
    this.#cluster = cluster;
    this.membership = membership;
    this.sink = sink;
  }

  assignAll(): void {
    this.assign(
      this.membership.topics.flatMap((topic) =>
        (this.#cluster.topics.get(topic) ?? []).map((_, partition) => ({ topic, partition })),
      ),
    );
  }

  /** As clients do: after any rebalance it fetches from the committed offsets again, else from the earliest. */
  assign(partitions: readonly TopicPartition[]): void {
    this.#owned = partitions;
    this.#positions.clear();
    for (const partition of partitions) {
      const offset = this.#cluster.committedOffset(partition.topic, partition.partition);
      this.#positions.set(key(partition), Math.max(offset, 0));
    }
    this.sink.assignment(partitions);
    this.feed();
  }

  crash(error: unknown): void {
    this.stopped = true;
    this.sink.crashed(error);
  }

  feed(): void {
    for (const partition of this.#owned) {
      // A leader of the group may assign what is not there.
      const isThere = this.#cluster.topics.get(partition.topic)?.[partition.partition] !== undefined;
      if (this.stopped || !isThere || this.paused.has(key(partition))) continue;
      const from = this.#inRange(partition);
      const fresh = this.#cluster
        .log(partition.topic, partition.partition)
        .filter(({ offset }) => offset >= from)
        .slice(0, this.#cluster.mostAtOnce);
      if (fresh.length === 0) {
        this.#tellEnd(partition);
        continue;
      }
      this.#positions.set(key(partition), (fresh.at(-1) as Stored).offset + 1);
      this.sink.records(
        partition.topic,
        partition.partition,
        fresh.map((stored) => toRecord(partition, stored)),
      );
      if (fresh.length === this.#cluster.mostAtOnce) queueMicrotask(() => this.feed());
      this.#tellEnd(partition);
    }
  }

  /** What a transaction has left at the end of the log is not delivered. */
  #tellEnd(partition: TopicPartition): void {
    if (!this.membership.tellsEnds) return;
    const log = this.#cluster.raw(partition.topic, partition.partition);
    const open = log.findIndex(({ transaction }) => transaction?.state === 'open');
    const last = (open < 0 ? log : log.slice(0, open)).at(-1);
    if (last?.transaction !== undefined) this.sink.reached(partition, last.offset + 1);
  }

  /** Beyond the end of a log that was made again or cut off it goes on at the earliest, as clients do. */
  #inRange(partition: TopicPartition): number {
    const from = this.#positions.get(key(partition)) ?? 0;
    const log = this.#cluster.raw(partition.topic, partition.partition);
    if (from <= (log.at(-1)?.offset ?? -1) + 1) return from;
    this.#positions.set(key(partition), 0);
    this.sink.outOfRange(partition);
    return this.#positions.get(key(partition)) ?? 0;
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.paused.add(key(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.paused.delete(key(partition));
    if (this.#cluster.feedsWithinResume) this.feed();
    else queueMicrotask(() => this.feed());
  }

  seek(position: PartitionOffset): void {
    this.#positions.set(key(position), position.offset);
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    const copy = offsets.map(({ topic, partition, offset, metadata }) => ({
      topic,
      partition,
      offset,
      metadata,
    }));
    if (!this.inGroup) throw kafkaError(25, 'Unknown member');
    await this.#cluster.onCommit(copy);
    this.#cluster.commits.push(copy);
    for (const { offset, metadata, ...partition } of copy)
      this.#cluster.committed.set(key(partition), { offset, metadata: metadata ?? '' });
  }

  get transactions(): MemberTransactions | undefined {
    const { transactions } = this.#cluster;
    if (transactions === undefined) return undefined;
    return {
      fence: (partitions) => transactions.fence(this, partitions),
      transact: (handOvers) => transactions.transact(this, handOvers),
    };
  }

  contact(): Contact {
    return this.heard;
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

function toRecord({ topic, partition }: TopicPartition, { offset, headers, ...rest }: Stored): KafkaRecord {
  return {
    topic,
    partition,
    offset: String(offset),
    ...rest,
    headers: lazyHeaders(() => headers, bytesOfHeaders(headers)),
  };
}

function bytesOfHeaders(headers: Stored['headers']): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
}
