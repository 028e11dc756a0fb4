// One file, since all of it changes what the client is to bring next.
import { type Clock, formatDuration, VeloError } from '@velo/retry-core';
import type { ClientBinding, GroupMember, MemberSink } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { namePartitions } from '../binding/name-partitions.js';
import { type KafkaRecord, partitionKey, partitionOf, type TopicPartition } from '../binding/record.js';
import { Sleepers } from '../binding/sleepers.js';
import { isMissingTopic } from '../failures/client-error.js';
import { Cursor, type Span } from './cursor.js';
import { PlaceInGroup } from './place-in-group.js';

export interface LogReaderOptions {
  readonly client: ClientBinding;
  /** A group of its own, or one that shares the partitions with others. */
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly clientOptions: object | undefined;
  /** The member's transactions will be used. */
  readonly transactional: boolean;
  /** Lets what is under way end, before partitions go to another member. */
  readonly rest?: () => Promise<void>;
  /** Nobody knows when something will come. @default false */
  readonly patient?: boolean;
  readonly clock: Clock;
}

/**
 * What is wanted of a partition comes within this time, ms, or the reading has failed: an open transaction of another producer may last for
 * 15 minutes at the brokers' default, velo's own for 10 s.
 */
const STALL_LIMIT = 120_000;
/** How long a rebalance waits for what is under way, ms. */
const REVOKE_LIMIT = 5_000;

/**
 * Reads spans of logs by joining a group, so that no client needs anything new for it, and commits nothing. Whoever reads looks at
 * its cursors, and waits with `change` where they have nothing.
 */
export class LogReader {
  readonly #options: LogReaderOptions;
  readonly #cursors = new Map<string, Cursor>();
  readonly #gone = new Set<string>();
  readonly #sleepers: Sleepers;
  #owned: readonly TopicPartition[] = [];
  #ownedKeys: ReadonlySet<string> = new Set();
  readonly #place: PlaceInGroup;
  #member: GroupMember | undefined;
  #assignments = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Something has come since the last `change`: a client may deliver within `resume`. */
  #woken = false;
  #closed = false;
  /** When something has come last, by the clock's `now`, ms. */
  #heard: number;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.#sleepers = new Sleepers(options.clock);
    this.#heard = options.clock.now();
    const { client, groupId, topics, clientOptions, transactional, clock } = options;
    this.#place = new PlaceInGroup({
      client,
      membership: () => ({
        groupId,
        topics: topics.filter((topic) => !this.#gone.has(topic)),
        transactional,
        tellsEnds: true,
        client: clientOptions,
      }),
      sink: this.#sink(),
      relieve: (error) => this.leaveOut(error),
      onGone: () => this.#suspend(),
      onFailed: (error) => this.#fail(error),
      clock,
    });
    this.#place.take();
  }

  /** Counts assignments: what is known of an owned partition is in doubt after each. */
  get assignments(): number {
    return this.#assignments;
  }

  /** The present one, once it has joined. */
  get member(): GroupMember | undefined {
    return this.#member;
  }

  /** From now on, this is read. */
  read(span: Span): Cursor {
    const cursor = new Cursor(span);
    this.#cursors.set(partitionKey(span.topic, span.partition), cursor);
    if (this.#gone.has(span.topic)) cursor.cut();
    this.#direct(cursor);
    return cursor;
  }

  /** A cursor was taken from, or extended: the client goes on where it is. */
  goOn(cursor: Cursor): void {
    if (cursor.complete || (cursor.sought && !(cursor.paused && cursor.isLow))) return;
    this.#heard = this.#options.clock.now();
    if (cursor.sought) {
      cursor.paused = false;
      this.#member?.resume([partitionOf(cursor)]);
    } else this.#direct(cursor);
  }

  owns({ topic, partition }: TopicPartition): boolean {
    return this.#ownedKeys.has(partitionKey(topic, partition));
  }

  /** Whether it was given partitions, whatever it has to read of them. */
  get ownsSome(): boolean {
    return this.#owned.length > 0;
  }

  /**
   * Resolves when something may have come, with `wake`, or after `limit` ms.
   *
   * @throws the error that has ended the reading, or {VeloError} `VELO_TIMEOUT`
   */
  async change(limit = Number.POSITIVE_INFINITY): Promise<void> {
    this.#check();
    const stalled = this.#stalled();
    const most = stalled.length === 0 ? Number.POSITIVE_INFINITY : STALL_LIMIT;
    if (!this.#woken) await this.#sleepers.sleep(Math.min(limit, most));
    this.#woken = false;
    this.#check();
    if (this.#options.clock.now() - this.#heard < STALL_LIMIT || this.#stalled().length === 0) return;
    throw new VeloError(
      'VELO_TIMEOUT',
      `For ${formatDuration(STALL_LIMIT)} nothing has come of ${namePartitions(this.#stalled())}, though there is more. Nothing is lost: what was done before stays so. Brokers may be away, or the open transaction of another producer holds readers up: see that they answer, and call it again.`,
    );
  }

  /** Its topic was deleted. */
  isGone({ topic }: TopicPartition): boolean {
    return this.#gone.has(topic);
  }

  /**
   * If the error may be about a topic that was deleted: nothing more comes of those that are gone, and the next member does not ask for them.
   *
   * @returns whether it has others to ask for
   */
  async leaveOut(error: unknown): Promise<boolean> {
    if (!isMissingTopic(error)) return false;
    const { client, topics } = this.#options;
    const gone: string[] = [];
    for (const topic of topics) {
      if (this.#gone.has(topic)) continue;
      if ((await client.partitionCount(topic).catch(() => undefined)) === 0) gone.push(topic);
    }
    for (const topic of gone) this.#gone.add(topic);
    for (const cursor of this.#cursors.values()) if (this.#gone.has(cursor.topic)) cursor.cut();
    this.wake();
    return gone.length > 0 && this.#gone.size < topics.length;
  }

  wake(): void {
    this.#woken = true;
    this.#sleepers.wake();
  }

  /** Leaves the group, so that others get its partitions, and joins again after `delay` ms; cut short by `wake`. */
  async pass(delay: number): Promise<void> {
    await this.#leave();
    await this.#sleepers.sleep(delay);
    this.#place.take();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    this.#suspend();
    await this.#place.leave();
    this.wake();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#closed)
      throw new VeloError(
        'VELO_CLOSED',
        'These dead letters are closed: the reading has ended, and what was done before stays so. Make new ones with velo.deadLetters().',
      );
  }

  #sink(): Omit<MemberSink, 'crashed'> {
    return {
      assignment: (partitions) => this.#assigned(partitions),
      lost: () => this.#assigned([]),
      revoking: async () => {
        await within(REVOKE_LIMIT, this.#options.rest?.(), this.#options.clock);
      },
      records: (topic, partition, records) => this.#take(topic, partition, records),
      reached: ({ topic, partition }, next) => {
        const cursor = this.#cursors.get(partitionKey(topic, partition));
        if (!cursor?.sought) return;
        cursor.reached(next);
        this.#fed(cursor);
      },
      outOfRange: (partition) => void this.#findAgain(partition),
    };
  }

  #assigned(partitions: readonly TopicPartition[]): void {
    this.#suspend();
    this.#owned = partitions;
    this.#ownedKeys = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)));
    const now = this.#assignments;
    void this.#place.joining?.then(
      (member) => {
        if (this.#assignments !== now) return;
        this.#member = member;
        this.#place.settled();
        for (const partition of partitions) this.#settle(partition);
        this.wake();
      },
      () => {},
    );
  }

  /** Nothing is owned until the next assignment. */
  #suspend(): void {
    this.#assignments++;
    this.#owned = [];
    this.#ownedKeys = new Set();
    this.#member = undefined;
    this.#heard = this.#options.clock.now();
    for (const cursor of this.#cursors.values()) cursor.sought = false;
    this.wake();
  }

  #settle({ topic, partition }: TopicPartition): void {
    const cursor = this.#cursors.get(partitionKey(topic, partition));
    if (cursor === undefined || cursor.complete) this.#member?.pause([{ topic, partition }]);
    else this.#direct(cursor);
  }

  /** The client goes to where the cursor is. What comes before that is not the cursor's. */
  #direct(cursor: Cursor): void {
    if (this.#member === undefined || !this.owns(cursor) || cursor.complete) return;
    const partition = partitionOf(cursor);
    this.#member.seek({ ...partition, offset: cursor.next });
    cursor.sought = true;
    cursor.paused = cursor.isFull;
    if (cursor.paused) this.#member.pause([partition]);
    else this.#member.resume([partition]);
  }

  #take(topic: string, partition: number, records: readonly KafkaRecord[]): void {
    const cursor = this.#cursors.get(partitionKey(topic, partition));
    if (!cursor?.sought) return;
    cursor.push(records);
    this.#fed(cursor);
  }

  #fed(cursor: Cursor): void {
    this.#heard = this.#options.clock.now();
    if ((cursor.complete || cursor.isFull) && !cursor.paused) {
      cursor.paused = true;
      this.#member?.pause([partitionOf(cursor)]);
    }
    // What has come from beyond the end was dropped: whoever extends the cursor needs it again.
    if (cursor.complete) cursor.sought = false;
    this.wake();
  }

  /** What is read, and does not come. */
  #stalled(): Cursor[] {
    if (this.#options.patient) return [];
    return [...this.#cursors.values()].filter(
      (cursor) => !cursor.complete && cursor.isEmpty && this.owns(cursor),
    );
  }

  /** Retention has passed the cursor, or the topic was made again. */
  async #findAgain({ topic, partition }: TopicPartition): Promise<void> {
    const cursor = this.#cursors.get(partitionKey(topic, partition));
    if (cursor === undefined) return;
    cursor.sought = false;
    const now = this.#assignments;
    try {
      const [range] = await Promise.all(this.#options.client.offsets([{ topic, partition }]));
      if (this.#assignments !== now || range === undefined) return;
      if (cursor.next > range.latest) cursor.cut();
      else cursor.reached(range.earliest);
      this.#settle(cursor);
      this.wake();
    } catch (error) {
      if (this.#assignments === now) this.#place.renew(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.wake();
  }
}
