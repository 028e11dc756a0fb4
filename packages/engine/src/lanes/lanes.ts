import { VeloError } from '@velo/retry-core';
import type { GroupMember } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { isLegalPartition } from '../binding/legal-partition.js';
import { type KafkaRecord, partitionKey, partitionOf, type TopicPartition } from '../binding/record.js';
import { explainReset } from '../offsets/position-reset.js';
import type { StartPosition } from '../offsets/start-position.js';
import type { Route } from '../plan/plan.js';
import { Assignment, type AssignmentOptions, type Settled, type Unsettled } from './assignment.js';
import { Lane } from './lane.js';
import type { LaneHost } from './lane-host.js';

/** ms. Lanes whose member has lost its session keep what they hold for so long, then they are given up. */
const LOST_LIMIT = 600_000;
/** ms. Positions that are missing so long after brokers have answered may be missing for longer: the others have begun. */
const MISSING_LIMIT = 5_000;

export interface LanesOptions extends AssignmentOptions {
  readonly host: LaneHost;
  /** Called when the partitions of an assignment have their positions; some may still be missing after 5 s. */
  readonly onSettled: (partitions: readonly TopicPartition[]) => void;
}

/** The lanes of one consumer: one for each partition that its member owns. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that were closed while a handler ran: a partition that returns waits for its end. */
  readonly #ending = new Map<string, Promise<void>>();
  #member: GroupMember | undefined;
  #joining: Promise<GroupMember> | undefined;
  /** What lanes that were closed knew to be committed. */
  readonly #committed = new Map<string, number>();
  /** Of these the client must be told where to go on. */
  readonly #unsought = new WeakSet<Lane>();
  #assignment: Assignment | undefined;
  #closed = false;
  #cancelGiveUp = (): void => {};

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
    this.#member = undefined;
    this.#joining = undefined;
    this.#hold();
  }

  /**
   * The member has lost its session, and will be assigned anew, most likely to what it had. Nothing starts and nothing is
   * committed until then; what runs goes on, and what has finished meanwhile counts if the partition is still there.
   */
  lose(): void {
    const { clock, events } = this.#options.host;
    this.#hold();
    this.#cancelGiveUp = clock.schedule(LOST_LIMIT, () => {
      const partitions = [...this.#lanes.values()].map(partitionOf);
      this.close('The member has lost its session, and was assigned nothing since.');
      if (partitions.length > 0) events.emit('revoked', { partitions });
    });
  }

  /** @throws {VeloError} `VELO_CLIENT` while there is none */
  get member(): GroupMember {
    if (this.#member === undefined)
      throw new VeloError('VELO_CLIENT', 'The consumer is not in its group at present.');
    return this.#member;
  }

  /** All partitions that the member owns from now on. A lane whose partition stays is kept. */
  assign(partitions: readonly TopicPartition[]): TopicPartition[] {
    this.#endAssignment();
    const legal = partitions.filter(isLegalPartition);
    const owned = new Map(legal.map((p) => [partitionKey(p.topic, p.partition), p] as const));
    const revoked: TopicPartition[] = [];
    for (const [key, lane] of this.#lanes) {
      if (owned.has(key)) this.#keep(key, lane);
      else {
        revoked.push({ topic: lane.topic, partition: lane.partition });
        this.#retire(key, lane, 'The partition was taken from this member.');
      }
    }
    for (const [key, partition] of owned) {
      const route = this.#options.plan.routes.get(partition.topic);
      if (route !== undefined && !this.#lanes.has(key)) this.#lanes.set(key, this.#create(partition, route));
    }
    const assignment = new Assignment(this.#options, this.#joining, this.#lanes.size);
    this.#assignment = assignment;
    if (this.#closed) assignment.end();
    else void this.#settle(assignment);
    return revoked;
  }

  /** Finds out where a lane stands that has come in doubt since its assignment. Until then it is held. */
  reopen({ topic, partition }: TopicPartition): void {
    const lane = this.#lanes.get(partitionKey(topic, partition));
    if (lane !== undefined) void this.#reopen(lane);
  }

  /** Positions are tried again that could not be found out. */
  get failing(): boolean {
    return this.#assignment?.failing ?? false;
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

  /** The client's position was out of range, so it may be anywhere now: it is told where to go on. */
  outOfRange({ topic, partition }: TopicPartition): void {
    const lane = this.#lanes.get(partitionKey(topic, partition));
    if (lane === undefined) return;
    this.#unsought.add(lane);
    void this.#reopen(lane);
  }

  /** Nothing new starts; resolves when what runs has ended. */
  async drain(): Promise<void> {
    this.#closed = true;
    this.#endAssignment();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drain()));
  }

  /** Lets go of all partitions. Handlers that run are aborted. */
  close(reason: string): void {
    this.#endAssignment();
    for (const [key, lane] of this.#lanes) this.#retire(key, lane, reason);
  }

  #hold(): void {
    this.#endAssignment();
    for (const lane of this.#lanes.values()) lane.hold();
  }

  #endAssignment(): void {
    this.#assignment?.end();
    this.#cancelGiveUp();
  }

  /** A lane that was never open has nothing but what the client fetched for an older assignment, from wherever. */
  #keep(key: string, lane: Lane): void {
    lane.hold();
    if (lane.opened || lane.accepted === 0) return;
    const renewed = this.#create(lane, this.#options.plan.routes.get(lane.topic) as Route);
    this.#lanes.set(key, renewed);
    this.#unsought.add(renewed);
  }

  #create(partition: TopicPartition, route: Route): Lane {
    return new Lane(partition, route, this.#options.host);
  }

  #retire(key: string, lane: Lane, reason: string): void {
    this.#lanes.delete(key);
    if (lane.opened) this.#committed.set(key, lane.committed);
    const before = this.#ending.get(key);
    const ended = Promise.all([before, lane.close(reason)]).then(() => {
      if (this.#ending.get(key) === ended) this.#ending.delete(key);
    });
    this.#ending.set(key, ended);
  }

  async #settle(assignment: Assignment): Promise<void> {
    const lanes = [...this.#lanes.values()];
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const settling = assignment.settle(lanes.map(this.#unsettled), (settled) => {
      this.#beginAll(settled, assignment);
      answer();
    });
    await Promise.race([answered, settling, assignment.ended]);
    await within(MISSING_LIMIT, Promise.race([settling, assignment.ended]), this.#options.host.clock);
    const partitions = lanes.map(partitionOf);
    // It is settled when the handlers of partitions that have returned have ended, too.
    await Promise.all(
      partitions.map(({ topic, partition }) => this.#ending.get(partitionKey(topic, partition))),
    );
    if (!assignment.over) this.#options.onSettled(partitions);
  }

  async #reopen(lane: Lane): Promise<void> {
    const assignment = this.#assignment;
    lane.hold();
    await assignment?.settle([this.#unsettled(lane)], (settled) => this.#beginAll(settled, assignment));
  }

  #beginAll(settled: readonly Settled[], assignment: Assignment): void {
    for (const one of settled) void this.#begin(one, assignment);
  }

  readonly #unsettled = (lane: Lane): Unsettled => {
    const { topic, partition, committed, accepted, opened, doubts } = lane;
    const before = this.#committed.get(partitionKey(topic, partition)) ?? -1;
    return {
      topic,
      partition,
      lane,
      doubts,
      known: { committed: opened ? committed : before, accepted, opened },
    };
  };

  async #begin({ lane, start }: Settled, assignment: Assignment): Promise<void> {
    this.#tell(start);
    const begun = start.reset === undefined ? lane : this.#renew(lane, start);
    if (start.seek) this.#unsought.add(begun);
    const { doubts } = begun;
    const ending = this.#ending.get(partitionKey(lane.topic, lane.partition));
    if (ending !== undefined) await ending;
    if (assignment.over || begun.doubts !== doubts) return;
    const next = begun.opened ? Math.max(begun.accepted, start.offset) : start.offset;
    const seek = this.#unsought.delete(begun);
    if (seek) this.#member?.seek({ ...start, offset: next });
    // A client's own pauses may outlive a rebalance, or be forgotten with its consumer.
    if (begun.paused) this.#member?.pause([begun]);
    else this.#member?.resume([begun]);
    begun.open({ ...start, seek });
  }

  /** What the lane holds and knows is of another log, or of another position. */
  #renew(lane: Lane, { topic, partition, offset }: StartPosition): Lane {
    const key = partitionKey(topic, partition);
    this.#retire(key, lane, 'The partition begins anew at another position.');
    // It was told: what comes in between must not tell it again.
    this.#committed.set(key, offset);
    const renewed = this.#create(lane, this.#options.plan.routes.get(topic) as Route);
    this.#lanes.set(key, renewed);
    return renewed;
  }

  #tell({ topic, partition, offset: to, reset, outOfRange }: StartPosition): void {
    const { plan, host } = this.#options;
    const at = { topic, partition };
    if (outOfRange !== undefined) host.events.emit('offsetOutOfRange', { ...at, to, ...outOfRange });
    if (reset === undefined) return;
    const explanation = explainReset(plan.groupId, at, { ...reset, to });
    host.events.emit('positionReset', { ...at, ...reset, to, explanation });
  }
}
