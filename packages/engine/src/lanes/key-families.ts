import type { WaitingKeys } from '../attempts/waiting-keys.js';
import { partitionKey, type TopicPartition } from '../binding/record.js';
import type { StartPosition } from '../offsets/start-position.js';
import type { Route } from '../plan/plan-topic.js';
import type { Subscription } from '../plan/subscription.js';
import type { Assignment } from './assignment.js';
import { KeyFamily, type KeyFamilyOptions } from './key-family.js';
import type { Lane } from './lane.js';

export interface KeyFamiliesOptions extends KeyFamilyOptions {
  readonly subscription: Subscription;
  /** Told of partitions that wait for an assignment that has them together; of none when that has come. */
  readonly onScattered: (partitions: readonly TopicPartition[]) => void;
}

/** The partitions of a consumer whose keys keep their order, by source and number. */
export class KeyFamilies {
  readonly #options: KeyFamiliesOptions;
  readonly #families = new Map<string, KeyFamily>();
  #scattered: readonly TopicPartition[] = [];

  constructor(options: KeyFamiliesOptions) {
    this.#options = options;
  }

  /** Partitions that wait for an assignment that has them together. */
  get scattered(): readonly TopicPartition[] {
    return this.#scattered;
  }

  /** How many keys wait, and how many records of them. */
  get size(): { readonly keys: number; readonly records: number } {
    const sizes = [...this.#families.values()].map((family) => family.keys.size);
    return {
      keys: sizes.reduce((sum, { keys }) => sum + keys, 0),
      records: sizes.reduce((sum, { records }) => sum + records, 0),
    };
  }

  /** `undefined` where the order of keys is not kept. */
  keysOf({ topic, partition }: TopicPartition): WaitingKeys | undefined {
    return this.#familyOf(topic, partition)?.keys;
  }

  /** The member has these partitions from now on. */
  assigned(partitions: readonly TopicPartition[]): void {
    const { subscription, onScattered } = this.#options;
    const scattered: TopicPartition[] = [];
    const left = new Set(this.#families.keys());
    const owned = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)));
    for (const routes of subscription.orderedFamilies) {
      const source = (routes[0] as Route).topic;
      // Nobody joins a replayed record; but it joins those that wait, so it must know of them.
      const all = [...routes, ...subscription.replays.filter((replay) => replay.source === source)];
      const numbers = partitions.filter(({ topic }) => all.some((route) => route.topic === topic));
      for (const partition of new Set(numbers.map((one) => one.partition))) {
        const isHere = ({ topic }: Route) => owned.has(partitionKey(topic, partition));
        const here = all.filter(isHere).map(({ topic }) => topic);
        const isWhole = routes.every(isHere);
        this.#familyOf(source, partition)?.assigned(isWhole);
        left.delete(partitionKey(source, partition));
        if (!isWhole) scattered.push(...here.map((topic) => ({ topic, partition })));
      }
    }
    for (const key of left) this.#families.delete(key);
    const before = this.#scattered.length;
    this.#scattered = scattered;
    if (scattered.length + before > 0) onScattered(scattered);
  }

  /** Resolves when the lane may open, or its assignment is over; `undefined`: it may now. */
  ready(lane: Lane, start: StartPosition, assignment: Assignment): Promise<void> | undefined {
    return this.#familyOf(lane.topic, lane.partition)?.ready(lane, start, assignment);
  }

  #familyOf(topic: string, partition: number): KeyFamily | undefined {
    const { subscription } = this.#options;
    const route = subscription.route(topic);
    if (!route?.keepKeyOrder) return undefined;
    const key = partitionKey(route.source, partition);
    const known = this.#families.get(key);
    if (known !== undefined) return known;
    const routes = subscription.orderedFamilies.find(([source]) => source?.topic === route.source);
    const family = new KeyFamily(routes ?? [], this.#options);
    this.#families.set(key, family);
    return family;
  }
}
