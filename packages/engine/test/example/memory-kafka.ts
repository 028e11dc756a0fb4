/** Where something stands, as this client names it. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface Message {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
}

interface Commit {
  readonly offset: number;
  readonly metadata: string;
}

/** What a consumer is called with. */
export interface ConsumerCalls {
  /** Before partitions may go to another consumer; the rebalance waits for it. */
  revoking(places: readonly Place[]): Promise<void>;
  assigned(places: readonly Place[]): void;
  fetched(place: Place, messages: readonly Message[]): void;
  outOfRange(place: Place): void;
}

/** An error of a broker: Kafka's number for it, and a name by which a Kafka client's errors are known. */
const brokerError = (code: number, message: string) =>
  Object.assign(new Error(message), { name: 'KafkaError', code });
const keyOf = ({ topic, partition }: Place) => `${topic} ${partition}`;

/** Kafka and its client in one, in memory and without a network: as small as a client can be that velo is bound to. */
export class MemoryKafka {
  readonly #logs = new Map<string, Message[][]>();
  readonly #commits = new Map<string, Commit>();
  readonly #groups = new Map<string, MemoryConsumer[]>();
  #rebalance: Promise<void> = Promise.resolve();

  get topics(): string[] {
    return [...this.#logs.keys()];
  }

  /** Makes a topic, or makes one wider; -1 is the broker's default. */
  createTopic(topic: string, partitions: number): void {
    const logs = this.#logs.get(topic) ?? [];
    while (logs.length < Math.max(1, partitions)) logs.push([]);
    this.#logs.set(topic, logs);
  }

  partitionCount(topic: string): number {
    return this.#logs.get(topic)?.length ?? 0;
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  log({ topic, partition }: Place): Message[] {
    const log = this.#logs.get(topic)?.[partition];
    if (log === undefined) throw brokerError(3, `There is no partition ${partition} of ${topic}`);
    return log;
  }

  /** @returns the message's offset */
  append(place: Place, message: Omit<Message, 'offset'>): number {
    const log = this.log(place);
    log.push({ ...message, offset: log.length });
    for (const consumer of [...this.#groups.values()].flat()) consumer.poll();
    return log.length - 1;
  }

  committed(groupId: string, place: Place): Commit | undefined {
    return this.#commits.get(`${groupId} ${keyOf(place)}`);
  }

  commit(consumer: MemoryConsumer, place: Place, commit: Commit): void {
    if (!this.#groups.get(consumer.groupId)?.includes(consumer))
      throw brokerError(25, 'The consumer is not in its group'); // UNKNOWN_MEMBER_ID
    this.#commits.set(`${consumer.groupId} ${keyOf(place)}`, commit);
  }

  async join(groupId: string, topics: readonly string[], calls: ConsumerCalls): Promise<MemoryConsumer> {
    const consumer = new MemoryConsumer(this, groupId, topics, calls);
    await this.#regroup(groupId, (consumers) => [...consumers, consumer]);
    return consumer;
  }

  async leave(consumer: MemoryConsumer): Promise<void> {
    await this.#regroup(consumer.groupId, (consumers) => consumers.filter((other) => other !== consumer));
  }

  /** One rebalance after the other: partitions are dealt out in turn to those that read their topic. */
  #regroup(groupId: string, change: (consumers: MemoryConsumer[]) => MemoryConsumer[]): Promise<void> {
    const rebalance = async () => {
      const before = this.#groups.get(groupId) ?? [];
      await Promise.all(before.map((consumer) => consumer.revoking()));
      const consumers = change(before);
      this.#groups.set(groupId, consumers);
      const shares = new Map(consumers.map((consumer) => [consumer, [] as Place[]]));
      for (const topic of this.topics) {
        const readers = consumers.filter((consumer) => consumer.topics.includes(topic));
        for (let partition = 0; partition < this.partitionCount(topic); partition++)
          shares.get(readers[partition % readers.length] as MemoryConsumer)?.push({ topic, partition });
      }
      for (const [consumer, places] of shares) consumer.assign(places);
    };
    this.#rebalance = this.#rebalance.then(rebalance);
    return this.#rebalance;
  }
}

/** A consumer of a group: fetches what it owns and has not paused, from the committed offset or the earliest. */
export class MemoryConsumer {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly #kafka: MemoryKafka;
  readonly #calls: ConsumerCalls;
  readonly #positions = new Map<string, number>();
  readonly #paused = new Set<string>();
  #owned: readonly Place[] = [];
  #polling = false;

  constructor(kafka: MemoryKafka, groupId: string, topics: readonly string[], calls: ConsumerCalls) {
    this.#kafka = kafka;
    this.groupId = groupId;
    this.topics = topics;
    this.#calls = calls;
  }

  async revoking(): Promise<void> {
    if (this.#owned.length > 0) await this.#calls.revoking(this.#owned);
  }

  assign(places: readonly Place[]): void {
    this.#owned = places;
    this.#positions.clear();
    for (const place of places)
      this.#positions.set(keyOf(place), this.#kafka.committed(this.groupId, place)?.offset ?? 0);
    this.#calls.assigned(places);
    this.poll();
  }

  pause(places: readonly Place[]): void {
    for (const place of places) this.#paused.add(keyOf(place));
  }

  resume(places: readonly Place[]): void {
    for (const place of places) this.#paused.delete(keyOf(place));
    this.poll();
  }

  seek(place: Place, offset: number): void {
    this.#positions.set(keyOf(place), offset);
  }

  commit(place: Place, commit: Commit): void {
    this.#kafka.commit(this, place, commit);
  }

  async leave(): Promise<void> {
    this.#owned = [];
    await this.#kafka.leave(this);
  }

  /** Fetches soon, never within a call of the one who asks. */
  poll(): void {
    if (this.#polling) return;
    this.#polling = true;
    queueMicrotask(() => {
      this.#polling = false;
      for (const place of this.#owned) if (!this.#paused.has(keyOf(place))) this.#fetch(place);
    });
  }

  #fetch(place: Place): void {
    const log = this.#kafka.log(place);
    const position = this.#positions.get(keyOf(place)) ?? 0;
    const messages = log.slice(position);
    this.#positions.set(keyOf(place), log.length);
    if (position > log.length) this.#calls.outOfRange(place);
    else if (messages.length > 0) this.#calls.fetched(place, messages);
  }
}
