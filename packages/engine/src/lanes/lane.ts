// One file, since a lane's methods are the ways from one of its phases to another.
import { foreignMessage, VeloError } from '@velo/retry-core';
import { FetchTimes } from '../attempts/fetch-times.js';
import type { WaitingKeys } from '../attempts/waiting-keys.js';
import type { PartitionOffset } from '../binding/binding.js';
import { ownRecord } from '../binding/own-record.js';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import { Sleepers } from '../binding/sleepers.js';
import type { SourceFlow } from '../flow/source-flow.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import { PartitionPosition, type Settlement } from '../offsets/partition-position.js';
import type { StartPosition } from '../offsets/start-position.js';
import type { Route } from '../plan/plan-topic.js';
import { holdsCopies } from '../plan/replay-topics.js';
import { Breaths } from './breaths.js';
import { LaneBuffer } from './buffer.js';
import { KeptKeys } from './kept-keys.js';
import type { LaneHost } from './lane-host.js';
import type { LaneWork } from './lane-work.js';
import { LeavingRecords } from './leaving-records.js';
import type { StrandedLane } from './stranded-lane.js';
import { workOf } from './work-of.js';

/**
 * - `held`: nothing starts until the position is known (after each assignment)
 * - `open`: works
 * - `resting`: the partition may go to another member: nothing starts, what is finished is committed
 * - `draining`: what runs may finish, nothing starts
 * - `closed`: the partition is gone; what runs is aborted and changes nothing any more
 */
type Phase = 'held' | 'open' | 'resting' | 'draining' | 'closed';

/**
 * So many records may have begun since the oldest that has not finished: what a crash repeats at most, where the client
 * cannot say in a commit what has finished beyond it, and what a lane keeps account of.
 */
export const MOST_AHEAD = 100_000;

/** What a lane must know of where it begins, or goes on. */
export type LaneStart = Settlement & Pick<StartPosition, 'seek'>;

/** The queue and worker of one assigned partition. */
export class Lane implements StrandedLane, TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** How its topic's records are handled, also once the topic is no longer subscribed to. */
  readonly route: Route;
  /** Where it stands, and what may be committed of it. */
  readonly standing: PartitionPosition;
  /** What holds its records, beside its phase. */
  readonly flow: SourceFlow;
  readonly #host: LaneHost;
  readonly #work: LaneWork;
  readonly #queue: LaneBuffer;
  /** Of a topic with copies. */
  readonly #fetchTimes: FetchTimes | undefined;
  /** With `retry.keepKeyOrder`. */
  readonly #kept: KeptKeys | undefined;
  /** Records below this offset were taken in already, or are not wanted. */
  #accepted = 0;
  /** The client has read up to here, and found no records from `#accepted` on. */
  #reached = 0;
  #phase: Phase = 'held';
  #working: Promise<void> | undefined;
  /** Records are handed on at this moment: what a pause that ends brings meanwhile comes behind them. */
  #feeding = false;
  /** Whatever sleeps until the phase changes. */
  readonly #sleepers: Sleepers;
  readonly #leaving = new LeavingRecords();
  /** Told when the oldest unfinished record is near enough. */
  #onNear: (() => void) | undefined;
  readonly #breaths: Breaths;

  /**
   * @param route how its topic's records are handled
   * @param keys of its source's partition, that wait in tiers; with `retry.keepKeyOrder`
   */
  constructor(partition: TopicPartition, route: Route, host: LaneHost, keys?: WaitingKeys) {
    this.topic = partition.topic;
    this.partition = partition.partition;
    this.route = route;
    this.#host = host;
    this.flow = host.flow.of(route);
    this.standing = new PartitionPosition(partition, host.commits, host.metadataRoom);
    this.#queue = new LaneBuffer(this, host);
    this.#fetchTimes = holdsCopies(route) ? new FetchTimes(host.clock) : undefined;
    this.#breaths = new Breaths(host.clock);
    this.#sleepers = new Sleepers(host.clock);
    this.#kept = keys && new KeptKeys(keys, route);
    this.#work = workOf(route, host, this);
  }

  /** Fetched, and not begun. */
  get queued(): number {
    return this.#queue.length + this.#work.waiting;
  }

  /** Fetched, and not ended. */
  get load(): { readonly records: number; readonly bytes: number } {
    return this.#queue.load;
  }

  /** Nothing below this offset is to be fetched; `undefined` while that is not known. */
  get readTo(): number | undefined {
    return this.opened ? Math.max(this.#accepted, this.#reached) : undefined;
  }

  get paused(): boolean {
    return this.#queue.paused;
  }

  /** All records below this offset have finished. */
  get position(): number {
    return this.standing.offset;
  }

  get committed(): number {
    return this.standing.committed;
  }

  /** Records below this offset were fetched, or are not wanted. */
  get accepted(): number {
    return this.#accepted;
  }

  /** It has been open once. */
  get opened(): boolean {
    return this.standing.committed >= 0;
  }

  /** Handlers that have not ended. */
  get running(): readonly RunningHandler[] {
    return this.#work.running;
  }

  get keys(): WaitingKeys | undefined {
    return this.#kept?.waiting;
  }

  /** Records may begin. */
  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** The partition is gone. */
  get closed(): boolean {
    return this.#phase === 'closed';
  }

  /** Of the topic that it reads, if it is known. */
  get topicId(): string | undefined {
    return this.standing.topicId;
  }

  get doubts(): number {
    return this.standing.doubts;
  }

  positionAfter(offsets: readonly number[]): PartitionOffset | undefined {
    return this.standing.after(offsets);
  }

  awaits(offset: number): boolean {
    return this.standing.awaits(offset);
  }

  beginTransaction(): void {
    this.standing.beginTransaction();
  }

  endTransaction(committed: PartitionOffset): void {
    this.standing.endTransaction(committed);
  }

  /** Takes fetched records in; what was fetched again after a rebalance is dropped. */
  push(records: readonly KafkaRecord[]): void {
    if (this.#phase === 'closed' || this.#phase === 'draining') return;
    if (this.#kept?.came(records)) return;
    const begin = this.#accepted;
    for (const record of records) {
      const offset = Number(record.offset);
      if (offset < this.#accepted) continue;
      this.#accepted = offset + 1;
      this.#queue.push(record, offset);
    }
    if (this.#accepted > begin) this.#fetchTimes?.add(begin, this.#accepted);
    this.#queue.pauseIfFull();
    this.#start();
    this.#queue.watch();
  }

  /** The client has read up to here, whatever was there. */
  reached(next: number): void {
    if (next > this.#reached) this.#reached = next;
    this.#kept?.reached(next);
  }

  /**
   * Finds out which keys wait in the tier, before it opens: resolves when all up to `end` has been fetched. It must be
   * fetched again to be handled.
   */
  async scan(end: number): Promise<void> {
    await this.#kept?.scan(end, (offset) => this.standing.isDone(offset));
  }

  /** A new assignment: nothing starts until `open` says from where. */
  hold(): void {
    this.standing.doubt();
    if (this.#phase === 'open' || this.#phase === 'resting') this.#phase = 'held';
  }

  /** The partition may be taken away: nothing new starts until the next assignment. Resolves when no handler runs. */
  rest(): Promise<void> {
    if (this.#phase === 'open') this.#phase = 'resting';
    return this.#work.idle();
  }

  /** Begins, or goes on; the group has committed `offset`. Nothing below `done` starts. */
  open({ seek, ...settlement }: LaneStart): void {
    if (this.#phase !== 'held') return;
    this.#kept?.open();
    const { offset, done } = settlement;
    if (!this.opened && seek) {
      // All from there on is delivered again.
      this.#queue.clear();
      this.#accepted = offset;
      this.#reached = offset;
    }
    if (offset > this.#accepted) this.#accepted = offset;
    this.standing.settle(settlement);
    while (this.#queue.first !== undefined && Number(this.#queue.first.offset) < done) this.#queue.take();
    this.#phase = 'open';
    this.#host.handOffs.opened(this, done);
    this.#queue.release();
    this.#sleepers.wake();
    this.#start();
    if (this.standing.uncommitted) this.standing.commitLater();
  }

  /** Nothing new starts; resolves when what runs has ended. */
  drain(): Promise<void> {
    if (this.#phase !== 'closed') this.#phase = 'draining';
    this.#leaving.letGo();
    this.#sleepers.wake();
    return this.#idle();
  }

  /** Aborts what runs, which may still end well. */
  interrupt(reason: Error): void {
    this.#work.interrupt(reason);
  }

  /** The partition is gone. The running handler's signal is aborted; resolves when it has ended. */
  close(reason: string): Promise<void> {
    this.#phase = 'closed';
    this.standing.close();
    this.#kept?.close();
    this.#leaving.letGo();
    this.#queue.clear();
    const means = 'This attempt counts for nothing: its record comes again where its partition goes on.';
    const remedy = 'Let handlers end when their signal is aborted.';
    this.interrupt(new VeloError('VELO_ABORTED', `${reason} ${means} ${remedy}`));
    this.#host.handOffs.gone(this);
    this.flow.gone(this);
    this.#sleepers.wake();
    return this.#idle();
  }

  /**
   * The one who asks may be a handler that has not returned its promise yet: until then the worker does not count as
   * running.
   */
  async #idle(): Promise<void> {
    await this.#work.idle();
    await Promise.all([this.#work.end(), this.#working]);
  }

  /** Where no handler has to be waited for, all has ended when it returns: what comes next finds an empty queue. */
  #start(): void {
    if (this.#working !== undefined || this.#feeding || !this.#hasWork) return;
    this.#breaths.begin();
    this.#feeding = true;
    let pending: Promise<void> | undefined;
    try {
      pending = this.#feed();
    } catch (error) {
      this.fail(error);
      return;
    } finally {
      this.#feeding = false;
    }
    if (pending === undefined) this.#rested();
    else this.#working = this.#feedAfter(pending);
  }

  get #hasWork(): boolean {
    return this.#phase === 'open' && this.#queue.length > 0;
  }

  /** The queue is empty, or nothing may begin. */
  #rested(): void {
    this.#queue.release();
    if (this.standing.uncommitted) this.standing.commitSoon();
  }

  /** Hands the queued records to the work, as it takes them. @returns what has to be waited for before the next one */
  #feed(): Promise<void> | undefined {
    while (this.#hasWork) {
      const pending = this.#next() ?? this.#breaths.take();
      if (pending !== undefined) return pending;
    }
    return undefined;
  }

  async #feedAfter(first: Promise<void>): Promise<void> {
    try {
      await first;
      while (this.#hasWork) {
        const pending = this.#next();
        if (pending !== undefined) await pending;
        const breath = this.#breaths.take();
        if (breath !== undefined) await breath;
      }
    } catch (error) {
      this.#working = undefined;
      this.fail(error);
      return;
    }
    this.#working = undefined;
    this.#rested();
    this.#start();
  }

  /** Begins the next record, if it may. Resolves when there can be another one; `undefined`: at once. */
  #next(): Promise<void> | undefined {
    if (!this.flow.free && !this.flow.mayStart()) return this.#turn();
    const room = this.#room();
    if (room !== undefined) return this.#sleepers.sleep(Number.POSITIVE_INFINITY, room);
    const record = this.#queue.take() as KafkaRecord;
    const offset = this.#queue.offsetOf(record);
    this.standing.begin(offset);
    const fetched = this.#fetchTimes?.take(offset);
    if (!this.standing.hadFinished(offset)) return this.#work.run(record, fetched);
    this.finish(record);
    return undefined;
  }

  /** Resolves when the next record may begin; `undefined` if it may now. */
  #room(): Promise<void> | undefined {
    if (this.standing.ahead < MOST_AHEAD) return this.#host.handOffs.room(this);
    return new Promise((resolve) => {
      this.#onNear = resolve;
    });
  }

  fail(error: unknown): void {
    // Only what the configuration brought along can throw here: a strategy, say.
    const message = `A record of ${this.topic}, partition ${this.partition}, could not be taken care of: ${foreignMessage(error)}. Nothing is lost: the consumer stops before it, and it comes again. Look at what the configuration brings along (a strategy, a function); if it is none of that, it is a fault of velo's.`;
    this.#host.halt(new VeloError('VELO_CONSUMER_DEAD', message, { cause: error }));
  }

  finish(record: KafkaRecord): void {
    this.#finish(record);
    this.standing.commitLater();
    if (this.#leaving.size > 0) this.#host.handOffs.moved(this);
  }

  handedOff(record: KafkaRecord): void {
    this.#finish(record);
    this.standing.commitSoon();
  }

  #finish(record: KafkaRecord): void {
    this.#kept?.finished(record);
    if (this.#leaving.size > 0) this.#leaving.ended(record);
    this.standing.finish(this.#queue.offsetOf(record));
    if (this.#onNear === undefined || this.standing.ahead >= MOST_AHEAD) return;
    this.#onNear();
    this.#onNear = undefined;
  }

  leaves(record: KafkaRecord): void {
    this.#leaving.add(record);
  }

  dropped(record: KafkaRecord): void {
    this.#leaving.ended(record);
  }

  left(record: KafkaRecord): Promise<void> | undefined {
    return this.#kept && this.#leaving.left(record);
  }

  keep(record: KafkaRecord): void {
    this.#queue.keep(record);
  }

  ended(record: KafkaRecord): void {
    this.#queue.end(record);
    if (this.#queue.inMemory === 0 && this.standing.uncommitted) this.standing.commitSoon();
  }

  async wait(ms: number, record: KafkaRecord): Promise<boolean> {
    for (let left = ms; await this.ready(left, record); left = 0) if (this.flow.start(record)) return true;
    return false;
  }

  /** Waits `ms`, then for the lane to be open and its flow free. False: no further attempt at the record may be made here. */
  async ready(ms: number, record: KafkaRecord): Promise<boolean> {
    if (ms > 0) ownRecord(record);
    const until = this.#host.clock.now() + ms;
    for (;;) {
      if (this.#phase === 'closed' || this.#phase === 'draining') return false;
      // Another member has committed it while this one waited.
      if (this.#phase === 'open' && Number(record.offset) < this.position) return false;
      const left = until - this.#host.clock.now();
      const isDue = this.#phase === 'open' && left <= 0;
      if (isDue && this.flow.mayStart(record)) return true;
      if (isDue) await this.#turn();
      else await this.#sleepers.sleep(this.#phase === 'open' ? left : Number.POSITIVE_INFINITY);
    }
  }

  /** Until what holds the source may have changed. */
  async #turn(): Promise<void> {
    let forget = () => {};
    const turn = new Promise<void>((resolve) => {
      forget = this.flow.onTurn(resolve);
    });
    await this.#sleepers.sleep(Number.POSITIVE_INFINITY, turn);
    forget();
  }
}
