import type { Clock } from '@velo/retry-core';
import { partitionKey, partitionsOf, type TopicPartition } from '../binding/record.js';

export interface SpringWatchOptions {
  /** The tiers that Spring would read, too; none where their names are velo's own. */
  readonly tiers: () => readonly string[];
  readonly partitionCount: (topic: string) => Promise<number>;
  /** Where Spring's groups have got to. */
  readonly positions: (partitions: readonly TopicPartition[]) => Promise<ReadonlyMap<string, number>>;
  /** Spring still reads these tiers. Called once at the most. */
  readonly onRunning: (tiers: readonly string[]) => void;
  readonly clock: Clock;
}

/** Spring commits in time with its records; between two looks copies must have come due. ms */
const LOOKS = [0, 10_000, 60_000, 300_000, 1_800_000];

/** Looks, while a consumer is young, whether Spring Kafka still reads the tiers: its offsets would move. */
export class SpringWatch {
  readonly #options: SpringWatchOptions;
  #before: ReadonlyMap<string, number> = new Map();
  #looks = 0;
  #cancel = () => {};
  #closed = false;

  constructor(options: SpringWatchOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.tiers().length > 0) this.#lookLater();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #lookLater(): void {
    const delay = LOOKS[this.#looks++];
    if (delay !== undefined && !this.#closed)
      this.#cancel = this.#options.clock.schedule(delay, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { positions, onRunning } = this.#options;
    try {
      const partitions = await this.#partitions();
      const now = await positions(partitions);
      const moved = partitions.filter((partition) => this.#hasMoved(partition, now));
      this.#before = now;
      if (moved.length > 0 && !this.#closed) return onRunning([...new Set(moved.map(({ topic }) => topic))]);
    } catch {
      // The brokers do not tell, or not now: the next look may.
    }
    this.#lookLater();
  }

  async #partitions(): Promise<TopicPartition[]> {
    const { tiers, partitionCount } = this.#options;
    const of = async (topic: string) => partitionsOf(topic, await partitionCount(topic));
    return (await Promise.all(tiers().map(of))).flat();
  }

  #hasMoved({ topic, partition }: TopicPartition, now: ReadonlyMap<string, number>): boolean {
    const key = partitionKey(topic, partition);
    const before = this.#before.get(key);
    return before !== undefined && (now.get(key) ?? before) > before;
  }
}

/** For people: what happened, what it means, what to do. */
export function explainSpring(groupId: string, tiers: readonly string[]): string {
  return `Spring Kafka reads retry topics that group ${groupId} reads, too: its offsets move in ${tiers.join(', ')}. Nothing is lost, but each handles all copies there, and a record that fails doubles at every tier. Stop the Spring application before velo takes over; or, where both are to run, give velo's group another id, or set retry.naming to 'velo'.`;
}
