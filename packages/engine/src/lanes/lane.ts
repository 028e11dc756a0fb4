import { foreignMessage, nextTurn, VeloError } from '@velo/retry-core';
import { RecordAttempts } from '../attempts/record-attempts.js';
import type { PartitionOffset } from '../binding/binding.js';
import { ownRecord } from '../binding/own-record.js';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import { PartitionPosition, type Settlement } from '../offsets/partition-position.js';
import type { StartPosition } from '../offsets/start-position.js';
import type { Route } from '../plan/plan-topic.js';
import type { RecordLane } from '../sending/record-lane.js';
import { LaneBuffer } from './buffer.js';
import type { LaneHost } from './lane-host.js';

/**
 * - `held`: nothing starts until the position is known (after each assignment)
 * - `open`: works
 * - `resting`: the partition may go to another member: nothing starts, what is finished is committed
 * - `draining`: what runs may finish, nothing starts
 * - `closed`: the partition is gone; what runs is aborted and changes nothing any more
 */
type Phase = 'held' | 'open' | 'resting' | 'draining' | 'closed';

/** After so many ms, handlers that never wait give way to the event loop; the clock is read every so many records. */
const TURN = 5;
const LOOK_EVERY = 64;

/** What a lane must know of where it begins, or goes on. */
export type LaneStart = Settlement & Pick<StartPosition, 'seek'>;

/** The queue and worker of one assigned partition. One file, since its methods are the ways from one phase to another. */
export class Lane implements RecordLane, TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** Where it stands, and what may be committed of it. */
  readonly standing: PartitionPosition;
  readonly #host: LaneHost;
  readonly #attempts: RecordAttempts;
  readonly #queue: LaneBuffer;
  /** Records below this offset were taken in already, or are not wanted. */
  #accepted = 0;
  #phase: Phase = 'held';
  #working: Promise<void> | undefined;
  /** Wakes whatever the worker sleeps on. */
  #wake: (() => void) | undefined;

  /** @param route how its topic's records are handled */
  constructor(partition: TopicPartition, route: Route, host: LaneHost) {
    this.topic = partition.topic;
    this.partition = partition.partition;
    this.#host = host;
    this.standing = new PartitionPosition(partition, host.commits);
    this.#queue = new LaneBuffer(this, host);
    this.#attempts = new RecordAttempts(route, host, this);
  }

  get queued(): number {
    return this.#queue.length;
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

  get running(): RunningHandler | undefined {
    return this.#attempts.running;
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
    const begin = this.#accepted;
    for (const record of records) {
      const offset = Number(record.offset);
      if (offset < this.#accepted) continue;
      this.#accepted = offset + 1;
      this.#queue.push(record);
    }
    this.#attempts.fetched(begin, this.#accepted);
    this.#queue.pauseIfFull();
    this.#start();
    this.#queue.watch();
  }

  /** A new assignment: nothing starts until `open` says from where. */
  hold(): void {
    this.standing.doubt();
    if (this.#phase === 'open' || this.#phase === 'resting') this.#phase = 'held';
  }

  /** The partition may be taken away: nothing new starts until the next assignment. Resolves when no handler runs. */
  rest(): Promise<void> {
    if (this.#phase === 'open') this.#phase = 'resting';
    return this.#attempts.idle();
  }

  /** Begins, or goes on; the group has committed `offset`. Nothing below `done` starts. */
  open({ offset, done, metadata, topicId, seek }: LaneStart): void {
    if (this.#phase !== 'held') return;
    if (!this.opened && seek) {
      // All from there on is delivered again.
      this.#queue.clear();
      this.#accepted = offset;
    }
    if (offset > this.#accepted) this.#accepted = offset;
    this.standing.settle({ offset, done, metadata, topicId });
    while (this.#queue.first !== undefined && Number(this.#queue.first.offset) < done) this.#queue.take();
    this.#phase = 'open';
    this.#host.handOffs.opened(this, done);
    this.#queue.release();
    this.#wake?.();
    this.#start();
    if (this.standing.uncommitted) this.standing.commitLater();
  }

  /** Nothing new starts; resolves when what runs has ended. */
  drain(): Promise<void> {
    if (this.#phase !== 'closed') this.#phase = 'draining';
    this.#wake?.();
    return this.#idle();
  }

  /** The partition is gone. The running handler's signal is aborted; resolves when it has ended. */
  close(reason: string): Promise<void> {
    this.#phase = 'closed';
    this.standing.close();
    this.#queue.clear();
    this.#attempts.abort(new VeloError('VELO_ABORTED', reason));
    this.#host.handOffs.gone(this);
    this.#wake?.();
    return this.#idle();
  }

  /**
   * The one who asks may be a handler that has not returned its promise yet: until then the worker does not count as
   * running.
   */
  async #idle(): Promise<void> {
    await this.#attempts.idle();
    await this.#working;
  }

  #start(): void {
    if (this.#working !== undefined || this.#phase !== 'open' || this.#queue.length === 0) return;
    this.#working = this.#work().then(
      () => {
        this.#working = undefined;
        this.#queue.release();
        if (this.standing.uncommitted) this.standing.commitSoon();
        this.#start();
      },
      // Only what the configuration brought along can throw here: a strategy, say.
      (error: unknown) => {
        this.#working = undefined;
        const message = `A record of ${this.topic}, partition ${this.partition}, could not be taken care of: ${foreignMessage(error)}. Nothing is lost: the consumer stops before it, and it comes again. Look at what the configuration brings along (a strategy, a function); if it is none of that, it is a fault of velo's.`;
        this.#host.halt(new VeloError('VELO_CONSUMER_DEAD', message, { cause: error }));
      },
    );
  }

  async #work(): Promise<void> {
    let turn = this.#host.clock.now();
    for (let done = 1; this.#phase === 'open' && this.#queue.length > 0; done++) {
      const room = this.#host.handOffs.room(this);
      if (room !== undefined) {
        await Promise.race([room, this.#woken()]);
        continue;
      }
      const record = this.#queue.take() as KafkaRecord;
      this.standing.begin(Number(record.offset));
      const pending = this.#attempts.run(record);
      if (pending !== undefined) await pending;
      if (done % LOOK_EVERY === 0 && this.#host.clock.now() - turn > TURN) {
        await nextTurn();
        turn = this.#host.clock.now();
      }
    }
  }

  finish(record: KafkaRecord): void {
    this.standing.finish(Number(record.offset));
    this.standing.commitLater();
  }

  handedOff(record: KafkaRecord): void {
    this.standing.finish(Number(record.offset));
    this.standing.commitSoon();
  }

  /** Waits `ms`, then for the lane to be open. False: no further attempt at the record may be made here. */
  async wait(ms: number, record: KafkaRecord): Promise<boolean> {
    if (ms > 0) ownRecord(record);
    const until = this.#host.clock.now() + ms;
    for (;;) {
      if (this.#phase === 'closed' || this.#phase === 'draining') return false;
      // Another member has committed it while this one waited.
      if (this.#phase === 'open' && Number(record.offset) < this.position) return false;
      const left = until - this.#host.clock.now();
      if (this.#phase === 'open' && left <= 0) return true;
      await (this.#phase === 'open' ? this.#sleep(left) : this.#woken());
    }
  }

  /** Ends early when the phase changes. */
  #sleep(ms: number): Promise<void> {
    const woken = this.#woken();
    const cancel = this.#host.clock.schedule(ms, () => this.#wake?.());
    return woken.then(cancel);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
