import type { PartitionOffset } from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';
import type { CommitSchedule, Committable } from './committer.js';
import type { OffsetSpan } from './finished-ahead.js';
import { withFinishedAhead } from './offset-metadata.js';
import { OffsetTracker } from './offset-tracker.js';
import type { StartPosition } from './start-position.js';

/** What must be known of where it begins, or goes on. */
export type Settlement = Pick<StartPosition, 'offset' | 'done' | 'metadata' | 'topicId' | 'finishedAhead'>;

/** How much a commit's metadata may take, in bytes; 0 where the client carries none. Brokers may take less than they do by default. */
export interface MetadataRoom {
  bytes: number;
}

/**
 * Where one partition stands: what has finished, and what the group has committed of it.
 *
 * It is certain while it is known to be the group's. It is in doubt from each new assignment, and from a transaction that
 * nobody knows the end of, until `settle`: nothing is committed in between, since another member may have gone further, or
 * an administrator back.
 */
export class PartitionPosition implements Committable {
  readonly #partition: TopicPartition;
  readonly #commits: CommitSchedule;
  readonly #room: Readonly<MetadataRoom>;
  readonly #tracker = new OffsetTracker(0);
  #committed = -1;
  #metadata = '';
  #topicId: string | undefined;
  #certain = false;
  #doubts = 0;
  #transacting = false;
  /** A commit is asked for that was not taken yet. */
  #asked = false;
  #closed = false;
  /** What has finished beyond the position before this lane was. */
  #inherited: readonly OffsetSpan[] = [];
  /** So many of them lie below what has begun. */
  #passed = 0;
  /** The tracker's `outOfOrder` when a commit was last taken, and when the last one was that has succeeded. */
  #taken = 0;
  #carried = 0;

  constructor(partition: TopicPartition, commits: CommitSchedule, room: Readonly<MetadataRoom>) {
    this.#partition = partition;
    this.#commits = commits;
    this.#room = room;
  }

  /** All below it has finished. */
  get offset(): number {
    return this.#tracker.position;
  }

  /** How many records have begun since the oldest that has not finished. */
  get ahead(): number {
    return this.#tracker.begun;
  }

  /** -1 before it was settled for the first time. */
  get committed(): number {
    return this.#committed;
  }

  /** Of the topic that it is a position of, if it is known. */
  get topicId(): string | undefined {
    return this.#topicId;
  }

  /** How often it came in doubt. */
  get doubts(): number {
    return this.#doubts;
  }

  begin(offset: number): void {
    this.#tracker.begin(offset);
  }

  finish(offset: number): void {
    this.#tracker.finish(offset);
  }

  /** Asks for a commit within its interval, once until it is taken. */
  commitLater(): void {
    if (this.#asked || this.#closed) return;
    this.#asked = true;
    this.#commits.later(this);
  }

  /** Nothing more is at hand that a commit could wait for. */
  commitSoon(): void {
    if (this.#closed) return;
    this.#asked = true;
    this.#commits.soon(this);
  }

  /** Something has finished that no commit tells. */
  get uncommitted(): boolean {
    return (
      this.offset > this.#committed || (this.#room.bytes > 0 && this.#tracker.outOfOrder !== this.#carried)
    );
  }

  /** Whether the record of this offset had finished before this lane was. Asked by rising offsets. */
  hadFinished(offset: number): boolean {
    const spans = this.#inherited;
    while (this.#passed < spans.length && (spans[this.#passed] as OffsetSpan).end <= offset) this.#passed++;
    return this.#passed < spans.length && (spans[this.#passed] as OffsetSpan).begin <= offset;
  }

  awaits(offset: number): boolean {
    return this.#tracker.isUnfinished(offset);
  }

  /** The record of this offset has finished here. */
  isDone(offset: number): boolean {
    return offset < this.#tracker.next && !this.#tracker.isUnfinished(offset);
  }

  takeCommit(): PartitionOffset | undefined {
    this.#asked = false;
    if (!this.#free || !this.uncommitted) return undefined;
    this.#taken = this.#tracker.outOfOrder;
    const metadata = withFinishedAhead(
      this.#metadata,
      { committed: this.offset, spans: this.#finishedAhead() },
      this.#room.bytes,
    );
    return { ...this.#at(this.offset), metadata };
  }

  committedUpTo(offset: number): void {
    this.#carried = this.#taken;
    if (offset > this.#committed) this.#committed = offset;
  }

  /** Where it would be with these finished, too; `undefined` where nothing may be committed. */
  after(offsets: readonly number[]): PartitionOffset | undefined {
    return this.#free ? this.#at(Math.max(this.#tracker.positionAfter(offsets), this.#committed)) : undefined;
  }

  beginTransaction(): void {
    this.#transacting = true;
  }

  endTransaction(committed: PartitionOffset): void {
    this.#transacting = false;
    this.committedUpTo(committed.offset);
    // Its metadata tell nothing of what is beyond.
    if (this.#tracker.begun > 0) this.#carried = -1;
    if (this.uncommitted) this.commitLater();
  }

  doubt(): void {
    this.#certain = false;
    this.#doubts++;
  }

  /** The group has committed `offset`, and all below `done` counts as finished. */
  settle({ offset, done, metadata, topicId, finishedAhead }: Settlement): void {
    if (finishedAhead !== undefined) {
      this.#inherited = finishedAhead;
      this.#passed = 0;
    }
    // The last commit, if it was another member's, tells nothing of what has finished here.
    if (finishedAhead === undefined && this.#tracker.begun > 0) this.#carried = -1;
    this.#metadata = metadata;
    this.#topicId = topicId ?? this.#topicId;
    this.committedUpTo(offset);
    this.#tracker.advance(done);
    this.#certain = true;
    this.#transacting = false;
  }

  /** The partition is gone: what finishes now is for nobody. */
  close(): void {
    this.#certain = false;
    this.#closed = true;
  }

  /** What may be committed is known, and no transaction is about to commit it. */
  get #free(): boolean {
    return this.#certain && !this.#transacting;
  }

  /** By this lane, then by those before it. */
  #finishedAhead(): OffsetSpan[] {
    if (this.#room.bytes === 0) return [];
    const { next } = this.#tracker;
    const inherited = this.#inherited
      .filter(({ end }) => end > next)
      .map(({ begin, end }) => ({ begin: Math.max(begin, next), end }));
    return [...this.#tracker.finishedAhead(), ...inherited];
  }

  #at(offset: number): PartitionOffset {
    const { topic, partition } = this.#partition;
    return { topic, partition, offset, metadata: this.#metadata };
  }
}
