import type { KafkaRecord, TopicPartition } from '@velo/engine';

/** What the member knows of one partition that it owns. */
export class Holding implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** False between an eager revocation and the assignment after it: what the engine has paused stays paused. */
  owned = true;
  /** The engine wants nothing of it at present. */
  paused = false;
  /** librdkafka has been told to pause it. */
  stopped = false;
  /** A seek is under way: what comes before it is done belongs to the old position. */
  seeking = false;
  /** Fetched while paused. */
  kept: KafkaRecord[] = [];
  keptBytes = 0;
  /** The end that was reached while paused. */
  end: number | undefined;
  /** The offset of the last record fetched. */
  last = -1;
  /** Where fetching began; undefined: where the group stood. */
  from: number | undefined;
  /** The offset that was out of range: what was fetched before it may still come first. */
  lostPosition: number | undefined;

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Forgets the old position. A seek leaves a partition as it is that librdkafka has paused. */
  forget(): void {
    this.seeking = false;
    this.kept = [];
    this.keptBytes = 0;
    this.end = undefined;
    this.last = -1;
    this.from = undefined;
    this.lostPosition = undefined;
  }
}

/** The partitions that a member owns. */
export class Holdings {
  readonly #topics = new Map<string, Map<number, Holding>>();

  get owned(): Holding[] {
    return [...this.#topics.values()]
      .flatMap((partitions) => [...partitions.values()])
      .filter(({ owned }) => owned);
  }

  /** Whether all partitions are paused: what is fetched can only be kept. */
  get allPaused(): boolean {
    let some = false;
    for (const partitions of this.#topics.values()) {
      for (const { owned, paused } of partitions.values()) {
        if (owned && !paused) return false;
        some ||= owned;
      }
    }
    return some;
  }

  /** Whether it was never assigned partitions of more than one topic: all that comes is of that one. */
  get areOfOneTopic(): boolean {
    return this.#topics.size === 1;
  }

  /** The bytes of all that was fetched while paused. */
  get keptBytes(): number {
    let sum = 0;
    for (const partitions of this.#topics.values())
      for (const { keptBytes } of partitions.values()) sum += keptBytes;
    return sum;
  }

  find(topic: string, partition: number): Holding | undefined {
    const holding = this.#topics.get(topic)?.get(partition);
    return holding?.owned ? holding : undefined;
  }

  add(added: readonly TopicPartition[]): void {
    for (const each of added) {
      const partitions = this.#topics.get(each.topic) ?? new Map<number, Holding>();
      this.#topics.set(each.topic, partitions);
      const before = partitions.get(each.partition);
      if (before === undefined) partitions.set(each.partition, new Holding(each));
      else before.owned = true;
    }
  }

  /** Takes these partitions away for now: the next assignment may give them back at once. */
  release(released: readonly TopicPartition[]): void {
    for (const { topic, partition } of released) {
      const holding = this.find(topic, partition);
      if (holding === undefined) continue;
      holding.forget();
      // librdkafka forgets its own pauses with the assignment.
      holding.stopped = false;
      holding.owned = false;
    }
  }

  /** Drops what was released and did not come back. */
  settle(): void {
    for (const partitions of this.#topics.values()) {
      for (const [partition, { owned }] of partitions) if (!owned) partitions.delete(partition);
    }
  }
}
