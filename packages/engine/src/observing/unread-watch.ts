import type { Clock } from '@velo/retry-core';
import type { GroupDescription } from '../binding/binding.js';
import { namePartitions } from '../binding/name-partitions.js';
import { partitionKey, partitionsOf, type TopicPartition } from '../binding/record.js';

export interface UnreadWatchOptions {
  /** What this consumer reads. */
  readonly topics: () => Iterable<string>;
  /** Undefined where the client cannot ask. */
  readonly describe: (() => Promise<GroupDescription | undefined>) | undefined;
  readonly partitionCount: (topic: string) => Promise<number>;
  /** All that are unread now; none if that is over. */
  readonly onChange: (unread: readonly TopicPartition[]) => void;
  readonly clock: Clock;
}

/** What no member reads, by a description of the group. */
interface Unread {
  /** Given to a member that has not subscribed to their topic. */
  readonly dropped: readonly TopicPartition[];
  /** Given to nobody. */
  readonly missing: readonly TopicPartition[];
  /** Topics of which members were given partitions. */
  readonly given: ReadonlySet<string>;
}

/** Until an assignment has reached the whole group, ms. */
const FIRST_LOOK = 1_000;
/** While something is unread, or the group is rebalancing, and after a look that has failed; doubling where it goes on failing. ms */
const SOON = 5_000;
/** For assignments that this member is not told of, ms. */
const LATER = 60_000;

/**
 * Looks for partitions that the group's leader has given to nobody who reads them, so that no member would ever miss
 * them: to a member that has not subscribed to the topic, which drops them, or to none at all.
 */
export class UnreadWatch {
  readonly #options: UnreadWatchOptions;
  #dropped: readonly TopicPartition[] = [];
  #found: readonly TopicPartition[] = [];
  #unread: readonly TopicPartition[] = [];
  #cancel = () => {};
  /** Grows with each assignment, so that a look at an older one is dropped. */
  #epoch = 0;
  /** Looks in a row that have failed. */
  #failures = 0;
  /** Unread at the last look, of topics of which others are read. */
  #missing: ReadonlySet<string> = new Set();
  #closed = false;

  constructor(options: UnreadWatchOptions) {
    this.#options = options;
  }

  get unread(): readonly TopicPartition[] {
    return this.#unread;
  }

  /** @param dropped what the member was given of topics that it does not read */
  assigned(dropped: readonly TopicPartition[]): void {
    if (this.#closed) return;
    this.#epoch++;
    this.#missing = new Set();
    this.#dropped = dropped;
    this.#tell();
    this.#lookIn(FIRST_LOOK);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #lookIn(delay: number): void {
    this.#cancel();
    const { describe, clock } = this.#options;
    if (describe !== undefined && !this.#closed)
      this.#cancel = clock.schedule(delay, () => void this.#look(describe));
  }

  async #look(describe: () => Promise<GroupDescription | undefined>): Promise<void> {
    const epoch = this.#epoch;
    let delay = LATER;
    try {
      const group = await describe();
      // Without members nothing is known: this one is about to join.
      const found = group && group.length > 0 ? await this.#unreadOf(group) : undefined;
      if (epoch !== this.#epoch || this.#closed) return;
      if (found !== undefined) this.#found = this.#settle(found);
      if (found === undefined || found.dropped.length + found.missing.length > 0) delay = SOON;
      this.#failures = 0;
      this.#tell();
    } catch {
      // The brokers do not tell, or not now: what is known stays.
      delay = Math.min(SOON * 2 ** this.#failures++, LATER);
    }
    if (epoch === this.#epoch) this.#lookIn(delay);
  }

  async #unreadOf(group: GroupDescription): Promise<Unread> {
    const topics = [...this.#options.topics()];
    const dropped: TopicPartition[] = [];
    const assigned = new Set<string>();
    const given = new Set<string>();
    for (const member of group) {
      for (const partition of member.assigned) {
        assigned.add(partitionKey(partition.topic, partition.partition));
        given.add(partition.topic);
        // A member that does not tell its topics is taken to read what it was given.
        if (member.topics.length > 0 && !member.topics.includes(partition.topic)) dropped.push(partition);
      }
    }
    const counts = await Promise.all(topics.map((topic) => this.#options.partitionCount(topic)));
    const missing = topics
      .flatMap((topic, i) => partitionsOf(topic, counts[i] as number))
      .filter(({ topic, partition }) => !assigned.has(partitionKey(topic, partition)));
    return { dropped, missing, given };
  }

  /**
   * A topic that has just grown has partitions that its members do not know of yet. So of a topic of which others are given to members
   * a partition counts if it was missing at the look before, too.
   */
  #settle({ dropped, missing, given }: Unread): TopicPartition[] {
    const before = this.#missing;
    this.#missing = new Set(missing.map(({ topic, partition }) => partitionKey(topic, partition)));
    const lasting = missing.filter(
      ({ topic, partition }) => !given.has(topic) || before.has(partitionKey(topic, partition)),
    );
    return [...dropped, ...lasting];
  }

  #tell(): void {
    const before = this.#unread.map(({ topic, partition }) => partitionKey(topic, partition));
    const all = [...this.#found, ...this.#dropped].map(
      (p) => [partitionKey(p.topic, p.partition), p] as const,
    );
    const now = new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
    if (before.length === now.size && before.every((key) => now.has(key))) return;
    this.#unread = [...now.values()];
    this.#options.onChange(this.#unread);
  }
}

/** For people: what happened, what it means, what to do. */
export function explainUnread(groupId: string, partitions: readonly TopicPartition[]): string {
  return `No member of group "${groupId}" reads these partitions: ${namePartitions(partitions)}. Their records are not lost, but they wait for as long as the group shares its partitions out like this: its leader gives topics to members that have not subscribed to them, or to none, as kafkajs by itself does. Stop the members that run without velo, or with an older one; or give members with other topics a group of their own; and let all members' users DESCRIBE all topics of the group.`;
}
