import type { PartitionOffset } from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';
import type { CommitSchedule, Committable } from './committer.js';
import { OffsetTracker } from './offset-tracker.js';
import type { StartPosition } from './start-position.js';

/** What must be known of where it begins, or goes on. */
export type Settlement = Pick<StartPosition, 'offset' | 'done' | 'metadata' | 'topicId'>;

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

  constructor(partition: TopicPartition, commits: CommitSchedule) {
    this.#partition = partition;
    this.#commits = commits;
  }

  /** All below it has finished. */
  get offset(): number {
    return this.#tracker.position;
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

  /** Something has finished that is not committed. */
  get uncommitted(): boolean {
    return this.offset > this.#committed;
  }

  awaits(offset: number): boolean {
    return this.#tracker.isUnfinished(offset);
  }

  takeCommit(): PartitionOffset | undefined {
    this.#asked = false;
    return this.#free && this.uncommitted ? this.#at(this.offset) : undefined;
  }

  committedUpTo(offset: number): void {
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
    if (this.uncommitted) this.commitLater();
  }

  doubt(): void {
    this.#certain = false;
    this.#doubts++;
  }

  /** The group has committed `offset`, and all below `done` counts as finished. */
  settle({ offset, done, metadata, topicId }: Settlement): void {
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

  #at(offset: number): PartitionOffset {
    const { topic, partition } = this.#partition;
    return { topic, partition, offset, metadata: this.#metadata };
  }
}
