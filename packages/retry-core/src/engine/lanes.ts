import { exponential } from '../strategies/exponential.js';
import { VeloError } from '../velo-error.js';
import type { ClientBinding, GroupMember } from './binding.js';
import { Lane, passedOver } from './lane.js';
import type { LaneHost } from './lane-host.js';
import type { ConsumerPlan, Route } from './plan.js';
import { type KafkaRecord, partitionKey, type TopicPartition } from './record.js';
import { type StartPosition, startPositions } from './start-position.js';

const BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });

export interface LanesOptions {
  readonly plan: ConsumerPlan;
  readonly client: ClientBinding;
  readonly host: LaneHost;
  /** Readies velo's own topics for these partitions. */
  readonly prepare: (partitions: readonly TopicPartition[]) => Promise<void>;
  /** Called when all partitions of an assignment have their positions. */
  readonly onSettled: (partitions: readonly TopicPartition[]) => void;
  /** The positions could not be found out; tried again after `delay`. False: give up. */
  readonly onSettleFailed: (error: unknown, delay: number) => boolean;
}

/** The lanes of one consumer: one for each partition that its member owns. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that were closed while a handler ran: a partition that returns waits for its end. */
  readonly #ending = new Map<string, Promise<void>>();
  #member: GroupMember | undefined;
  #joining: Promise<GroupMember> | undefined;
  /** Grows with each assignment, so that what was asked for an older one is dropped. */
  #epoch = 0;
  #closed = false;
  readonly #waits = new Set<() => void>();

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }

  get size(): number {
    return this.#lanes.size;
  }

  /** The member that lanes belong to from now on; its first assignment may come before it has joined. */
  use(joining: Promise<GroupMember>): void {
    this.#joining = joining;
    joining.then(
      (member) => {
        if (this.#joining === joining) this.#member = member;
      },
      () => {},
    );
  }

  /** The member is gone, its lanes wait: the next one's first assignment tells which of them stay. */
  suspend(): void {
    this.#epoch++;
    this.#endWaits();
    this.#member = undefined;
    this.#joining = undefined;
    for (const lane of this.#lanes.values()) lane.hold();
  }

  /** @throws {VeloError} `VELO_CLIENT` while there is none */
  get member(): GroupMember {
    if (this.#member === undefined)
      throw new VeloError('VELO_CLIENT', 'The consumer is not in its group at present.');
    return this.#member;
  }

  /** All partitions that the member owns from now on. A lane whose partition stays is kept. */
  assign(partitions: readonly TopicPartition[]): TopicPartition[] {
    const epoch = ++this.#epoch;
    this.#endWaits();
    const owned = new Map(partitions.map((p) => [partitionKey(p.topic, p.partition), p] as const));
    const revoked: TopicPartition[] = [];
    for (const [key, lane] of this.#lanes) {
      if (owned.has(key)) lane.hold();
      else {
        revoked.push({ topic: lane.topic, partition: lane.partition });
        this.#retire(key, lane, 'The partition was taken from this member.');
      }
    }
    for (const [key, partition] of owned) {
      const route = this.#options.plan.routes.get(partition.topic);
      if (route !== undefined && !this.#lanes.has(key)) this.#lanes.set(key, this.#create(partition, route));
    }
    const lanes = [...this.#lanes.values()];
    if (!this.#closed) void this.#settle(epoch, lanes).then((found) => this.#tell(found, epoch, lanes));
    return revoked;
  }

  /** Finds out where a lane stands that has come in doubt since its assignment. Until then it is held. */
  reopen({ topic, partition }: TopicPartition): void {
    const lane = this.#lanes.get(partitionKey(topic, partition));
    lane?.hold();
    if (lane !== undefined && !this.#closed) void this.#settle(this.#epoch, [lane]);
  }

  /** These may go to another member: nothing new starts; resolves when their running handlers have ended. */
  async rest(partitions: readonly TopicPartition[]): Promise<void> {
    await Promise.all(
      partitions.map(({ topic, partition }) => this.#lanes.get(partitionKey(topic, partition))?.rest()),
    );
  }

  push(topic: string, partition: number, records: readonly KafkaRecord[]): void {
    this.#lanes.get(partitionKey(topic, partition))?.push(records);
  }

  outOfRange({ topic, partition }: TopicPartition): void {
    this.#lanes.get(partitionKey(topic, partition))?.outOfRange();
  }

  /** Nothing new starts; resolves when what runs has ended. */
  async drain(): Promise<void> {
    this.#closed = true;
    this.#endWaits();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drain()));
  }

  /** Lets go of all partitions. Handlers that run are aborted. */
  close(reason: string): void {
    this.#epoch++;
    this.#endWaits();
    for (const [key, lane] of this.#lanes) this.#retire(key, lane, reason);
  }

  #create(partition: TopicPartition, route: Route): Lane {
    return new Lane(partition, route, this.#options.host);
  }

  #retire(key: string, lane: Lane, reason: string): void {
    this.#lanes.delete(key);
    const before = this.#ending.get(key);
    const ended = Promise.all([before, lane.close(reason)]).then(() => {
      if (this.#ending.get(key) === ended) this.#ending.delete(key);
    });
    this.#ending.set(key, ended);
  }

  /** Finds each partition's position, commits those that are new, and opens the lanes. False: that is no longer wanted. */
  async #settle(epoch: number, lanes: readonly Lane[]): Promise<boolean> {
    const { plan, client, host } = this.#options;
    const partitions = lanes.map(({ topic, partition }) => ({ topic, partition }));
    const transactional = plan.handOff === 'transactional';
    const stale = () => epoch !== this.#epoch || this.#closed;
    let positions: StartPosition[];
    for (let failures = 0; ; failures++) {
      try {
        const member = await this.#joining;
        await this.#options.prepare(partitions);
        if (stale()) return false;
        if (transactional) await this.#fence(member, partitions);
        positions = await startPositions(client, plan, partitions);
        if (stale() || member === undefined) return false;
        // No broker refuses the transaction of a member that was thrown out, but it refuses its commit.
        const fresh = transactional ? positions : positions.filter((position) => position.fresh);
        if (fresh.length > 0) await member.commit(fresh);
        break;
      } catch (error) {
        if (stale()) return false;
        const delay = BACKOFF.delay(failures);
        if (!this.#options.onSettleFailed(error, delay)) return false;
        await this.#wait(delay);
        if (stale()) return false;
      }
    }
    if (stale()) return false;
    for (const { topic, partition, offset, outOfRange } of positions) {
      if (outOfRange !== undefined)
        host.events.emit('offsetOutOfRange', passedOver({ topic, partition }, outOfRange, offset));
    }
    for (let i = 0; i < lanes.length; i++)
      void this.#open(lanes[i] as Lane, positions[i] as StartPosition, epoch);
    return true;
  }

  /** @throws {VeloError} `VELO_NOT_SUPPORTED` if the member owns more partitions than it can have transactions for */
  async #fence(member: GroupMember | undefined, partitions: readonly TopicPartition[]): Promise<void> {
    const max = this.#options.client.capabilities.transactions?.maxPartitions ?? Number.POSITIVE_INFINITY;
    if (this.#lanes.size > max) {
      throw new VeloError(
        'VELO_NOT_SUPPORTED',
        `This member owns ${this.#lanes.size} partitions, sources and tiers together. A transactional hand-off needs a producer for each with this client, and ${max} is the most for one member. Start more members before this one, use fewer tiers, set handOff to 'at-least-once', or take a client whose transactions are by member.`,
      );
    }
    await member?.transactions?.fence(partitions);
  }

  /** An assignment is settled when the handlers of partitions that have returned have ended, too. */
  async #tell(found: boolean, epoch: number, lanes: readonly Lane[]): Promise<void> {
    if (!found) return;
    await Promise.all(lanes.map(({ topic, partition }) => this.#ending.get(partitionKey(topic, partition))));
    if (epoch !== this.#epoch || this.#closed) return;
    this.#options.onSettled(lanes.map(({ topic, partition }) => ({ topic, partition })));
  }

  async #open(lane: Lane, position: StartPosition, epoch: number): Promise<void> {
    const ending = this.#ending.get(partitionKey(lane.topic, lane.partition));
    if (ending !== undefined) await ending;
    if (epoch !== this.#epoch || this.#closed) return;
    if (position.seek) this.#member?.seek(position);
    // A client's own pauses may outlive a rebalance, or be forgotten with its consumer.
    if (lane.paused) this.#member?.pause([lane]);
    else this.#member?.resume([lane]);
    lane.open(position.offset, position.metadata);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#waits.delete(end);
        resolve();
      };
      const cancel = this.#options.host.clock.schedule(ms, end);
      this.#waits.add(end);
    });
  }

  #endWaits(): void {
    for (const end of this.#waits) end();
  }
}
