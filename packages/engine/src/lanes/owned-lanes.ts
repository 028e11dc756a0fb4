import type { WaitingKeys } from '../attempts/waiting-keys.js';
import { partitionKey, type TopicPartition } from '../binding/record.js';
import type { KnownPosition } from '../offsets/position-reset.js';
import type { StartPosition } from '../offsets/start-position.js';
import type { Route } from '../plan/plan-topic.js';
import type { Subscription } from '../plan/subscription.js';
import { Lane } from './lane.js';
import type { LaneHost } from './lane-host.js';

/** A lane for each partition that a member owns, and what outlives one that is gone. */
export class OwnedLanes {
  readonly #host: LaneHost;
  readonly #subscription: Subscription;
  readonly #keysOf: (partition: TopicPartition) => WaitingKeys | undefined;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that were closed while a handler ran: a partition that returns waits for its end. */
  readonly #ending = new Map<string, Promise<void>>();
  /** What lanes that were closed knew. */
  readonly #before = new Map<string, Pick<KnownPosition, 'committed' | 'topicId'>>();
  /** Lanes whose partition the client must be told to seek in, before they open. */
  readonly #unsought = new WeakSet<Lane>();

  /** @param keysOf those that wait in tiers, where their order is kept */
  constructor(
    host: LaneHost,
    subscription: Subscription,
    keysOf: (partition: TopicPartition) => WaitingKeys | undefined,
  ) {
    this.#host = host;
    this.#keysOf = keysOf;
    this.#subscription = subscription;
  }

  get all(): Lane[] {
    return [...this.#lanes.values()];
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }

  get size(): number {
    return this.#lanes.size;
  }

  get(topic: string, partition: number): Lane | undefined {
    return this.#lanes.get(partitionKey(topic, partition));
  }

  /**
   * These and no others are owned from now on. A lane whose partition stays is kept, and held.
   *
   * @returns the partitions that were taken away
   */
  own(partitions: readonly TopicPartition[]): TopicPartition[] {
    const owned = new Map(partitions.map((p) => [partitionKey(p.topic, p.partition), p] as const));
    const revoked: TopicPartition[] = [];
    for (const [key, lane] of this.#lanes) {
      if (owned.has(key)) this.#keep(key, lane);
      else {
        revoked.push({ topic: lane.topic, partition: lane.partition });
        this.retire(lane, 'The partition was taken from this member.');
      }
    }
    for (const [key, partition] of owned) {
      const route = this.#subscription.route(partition.topic);
      if (route !== undefined && !this.#lanes.has(key)) this.#lanes.set(key, this.#newLane(partition, route));
    }
    return revoked;
  }

  /** Closes a lane. What it knew to be committed is remembered. */
  retire(lane: Lane, reason: string): void {
    const key = partitionKey(lane.topic, lane.partition);
    this.#lanes.delete(key);
    const { committed, topicId } = lane;
    if (lane.opened) this.#before.set(key, { committed, topicId });
    const before = this.#ending.get(key);
    const ended = Promise.all([before, lane.close(reason)]).then(() => {
      if (this.#ending.get(key) === ended) this.#ending.delete(key);
    });
    this.#ending.set(key, ended);
  }

  /** Puts a new lane in place of one whose records belong to another log, or to another position than `offset`. */
  renew(lane: Lane, { offset, topicId }: Pick<StartPosition, 'offset' | 'topicId'>): Lane {
    this.retire(lane, 'The partition begins anew at another position.');
    const key = partitionKey(lane.topic, lane.partition);
    // The reset has been told: an assignment that comes in between must not tell it again.
    this.#before.set(key, { committed: offset, topicId });
    return this.#replace(key, lane);
  }

  /** The end of the handler that a closed lane of this partition has left running; `undefined` if there is none. */
  ending({ topic, partition }: TopicPartition): Promise<void> | undefined {
    return this.#ending.get(partitionKey(topic, partition));
  }

  /** What is known of a lane's partition, by itself or by the lane before it. */
  known({ topic, partition, committed, accepted, opened, topicId }: Lane): KnownPosition {
    if (opened) return { committed, accepted, opened, topicId };
    const before = this.#before.get(partitionKey(topic, partition));
    return { committed: before?.committed ?? -1, accepted, opened, topicId: before?.topicId };
  }

  /** The client must be told where to go on, before the lane opens. */
  mustSeek(lane: Lane): void {
    this.#unsought.add(lane);
  }

  /** Whether it must be told; asked right before it is. */
  takeSeek(lane: Lane): boolean {
    return this.#unsought.delete(lane);
  }

  /**
   * A lane that was never open holds only what the client fetched for an older assignment, from any position: it
   * starts anew.
   */
  #keep(key: string, lane: Lane): void {
    lane.hold();
    if (!lane.opened && lane.accepted > 0) this.mustSeek(this.#replace(key, lane));
  }

  #replace(key: string, lane: Lane): Lane {
    const replacement = this.#newLane(lane, lane.route);
    this.#lanes.set(key, replacement);
    return replacement;
  }

  #newLane(partition: TopicPartition, route: Route): Lane {
    return new Lane(partition, route, this.#host, this.#keysOf(partition));
  }
}
