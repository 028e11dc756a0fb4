// One file, since each event changes which lanes there are.
import { VeloError } from '@velo/retry-core';
import type { GroupMember } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { isLegalPartition } from '../binding/legal-partition.js';
import { type KafkaRecord, partitionKey, partitionOf, type TopicPartition } from '../binding/record.js';
import { explainReset } from '../offsets/position-reset.js';
import type { StartPosition } from '../offsets/start-position.js';
import type { Subscription } from '../plan/subscription.js';
import { Assignment, type AssignmentOptions, type Settled, type Unsettled } from './assignment.js';
import { KeyFamilies } from './key-families.js';
import type { Lane } from './lane.js';
import type { LaneHost } from './lane-host.js';
import { OwnedLanes } from './owned-lanes.js';

/** ms. Lanes whose member has lost its session keep what they hold for so long, then they are given up. */
const LOST_LIMIT = 600_000;
/** ms. Positions that are missing so long after brokers have answered may be missing for longer: the others have begun. */
const MISSING_LIMIT = 5_000;

export interface LanesOptions extends AssignmentOptions {
  readonly host: LaneHost;
  readonly subscription: Subscription;
  /** Called when the partitions of an assignment have their positions; some may still be missing after 5 s. */
  readonly onSettled: (partitions: readonly TopicPartition[]) => void;
  /** Told of partitions whose keys cannot keep their order in this assignment; of none when they can again. */
  readonly onScattered: (partitions: readonly TopicPartition[]) => void;
}

/** The lanes of one consumer, from one assignment of its member to the next. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes: OwnedLanes;
  readonly #families: KeyFamilies;
  #member: GroupMember | undefined;
  #joining: Promise<GroupMember> | undefined;
  #assignment: Assignment | undefined;
  /** What was out of range and committed anew for an assignment that was over by then. */
  readonly #untold = new Map<string, StartPosition>();
  #closed = false;
  #cancelGiveUp = (): void => {};

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#families = new KeyFamilies({
      ...options,
      member: () => this.#member,
      mustSeek: (lane) => this.#lanes.mustSeek(lane),
      onScanFailed: options.onSettleFailed,
    });
    this.#lanes = new OwnedLanes(options.host, options.subscription, (partition) =>
      this.#families.keysOf(partition),
    );
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes[Symbol.iterator]();
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
      const partitions = this.#lanes.all.map(partitionOf);
      this.close('The member has lost its session, and was assigned nothing since.');
      if (partitions.length > 0) events.emit('revoked', { partitions });
    });
  }

  /** @throws {VeloError} `VELO_CLIENT` while there is none */
  get member(): GroupMember {
    if (this.#member === undefined)
      throw new VeloError(
        'VELO_CLIENT',
        `The consumer of group ${this.#options.plan.groupId} is not in its group at present: it has crashed, or is about to join. Nothing is lost: what has finished is committed once it has joined. Nothing is to be done.`,
      );
    return this.#member;
  }

  /** All partitions that the member owns from now on. @returns those that were taken away */
  assign(partitions: readonly TopicPartition[]): TopicPartition[] {
    this.#endAssignment();
    const revoked = this.#lanes.own(partitions.filter(isLegalPartition));
    this.#families.assigned(this.#lanes.all);
    const assignment = new Assignment(this.#options, this.#joining, this.#lanes.size, (start) =>
      this.#untold.set(partitionKey(start.topic, start.partition), start),
    );
    this.#assignment = assignment;
    if (this.#closed) assignment.end();
    else void this.#settle(assignment);
    return revoked;
  }

  /** Finds out where a lane stands that has come in doubt since its assignment. Until then it is held. */
  reopen({ topic, partition }: TopicPartition): void {
    const lane = this.#lanes.get(topic, partition);
    if (lane !== undefined) void this.#reopen(lane);
  }

  /** Positions are tried again that could not be found out. */
  get failing(): boolean {
    return this.#assignment?.failing ?? false;
  }

  /** These may go to another member: nothing new starts; resolves when their running handlers have ended. */
  async rest(partitions: readonly TopicPartition[]): Promise<void> {
    await Promise.all(partitions.map(({ topic, partition }) => this.#lanes.get(topic, partition)?.rest()));
  }

  push(topic: string, partition: number, records: readonly KafkaRecord[]): void {
    this.#lanes.get(topic, partition)?.push(records);
  }

  /** The client has read up to here, whatever was there. */
  reached({ topic, partition }: TopicPartition, next: number): void {
    this.#lanes.get(topic, partition)?.reached(next);
  }

  /** Where the order of keys is kept: how many keys wait in tiers, and how many records of them. */
  get waitingKeys(): { readonly keys: number; readonly records: number } {
    return this.#families.size;
  }

  /** Partitions whose keys cannot keep their order in this assignment: nothing of them is handled. */
  get scattered(): readonly TopicPartition[] {
    return this.#families.scattered;
  }

  /** The client's position is out of range, or of another topic by now: it is told where to go on. */
  outOfRange({ topic, partition }: TopicPartition): void {
    const lane = this.#lanes.get(topic, partition);
    if (lane === undefined) return;
    this.#lanes.mustSeek(lane);
    void this.#reopen(lane);
  }

  /** Nothing new starts; resolves when what runs has ended. */
  async drain(): Promise<void> {
    this.#closed = true;
    this.#endAssignment();
    await Promise.all(this.#lanes.all.map((lane) => lane.drain()));
  }

  /** Handlers that run are aborted, and may still end well. */
  interrupt(reason: Error): void {
    for (const lane of this.#lanes) lane.interrupt(reason);
  }

  /** Lets go of all partitions. Handlers that run are aborted. */
  close(reason: string): void {
    this.#endAssignment();
    for (const lane of this.#lanes.all) this.#lanes.retire(lane, reason);
  }

  #hold(): void {
    this.#endAssignment();
    for (const lane of this.#lanes) lane.hold();
  }

  #endAssignment(): void {
    this.#assignment?.end();
    this.#cancelGiveUp();
  }

  async #settle(assignment: Assignment): Promise<void> {
    const lanes = this.#lanes.all;
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
    // It is settled when the handlers of partitions that have returned have ended, too.
    await Promise.all(lanes.map((lane) => this.#lanes.ending(lane)));
    if (!assignment.over) this.#options.onSettled(lanes.map(partitionOf));
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
    const { topic, partition, doubts } = lane;
    return { topic, partition, lane, doubts, known: this.#lanes.known(lane) };
  };

  async #begin({ lane, start }: Settled, assignment: Assignment): Promise<void> {
    this.#tell(start);
    const begun = start.reset === undefined ? lane : this.#lanes.renew(lane, start);
    if (start.seek) this.#lanes.mustSeek(begun);
    const { doubts } = begun;
    const ending = this.#lanes.ending(lane);
    if (ending !== undefined) await ending;
    const ready = this.#families.ready(begun, start, assignment);
    if (ready !== undefined) await ready;
    if (assignment.over || begun.doubts !== doubts) return;
    const next = begun.opened ? Math.max(begun.accepted, start.offset) : start.offset;
    const seek = this.#lanes.takeSeek(begun);
    if (seek) this.#member?.seek({ ...start, offset: next });
    // A client's own pauses may outlive a rebalance, or be forgotten with its consumer.
    if (begun.paused) this.#member?.pause([begun]);
    else this.#member?.resume([begun]);
    begun.open({ ...start, seek });
  }

  #tell(start: StartPosition): void {
    const { plan, host } = this.#options;
    const { topic, partition, offset: to, reset } = start;
    const at = { topic, partition };
    const key = partitionKey(topic, partition);
    const { outOfRange, offset } = start.outOfRange ? start : (this.#untold.get(key) ?? start);
    this.#untold.delete(key);
    if (outOfRange !== undefined) host.events.emit('offsetOutOfRange', { ...at, to: offset, ...outOfRange });
    if (reset === undefined) return;
    const explanation = explainReset(plan.groupId, at, { ...reset, to });
    host.events.emit('positionReset', { ...at, ...reset, to, explanation });
  }
}
