import type { PartitionOffset } from '../binding/binding.js';
import type { PendingRecord } from './pending-record.js';
import type { RecordLane } from './record-lane.js';
import { firstBatch, insert, type WaitingCopy } from './waiting-copy.js';

/** What one lane has in a transaction. */
export interface Share {
  readonly of: TransactionalLane;
  readonly copies: readonly WaitingCopy[];
  readonly offset: PartitionOffset;
  /** The lane's `doubts` when the transaction began. */
  readonly doubts: number;
}

/** The copies of one lane that go by transaction, by rising offsets, from `add` until each is settled. */
export class TransactionalLane {
  readonly lane: RecordLane;
  readonly #onSettled: (copy: PendingRecord) => void;
  #waiting: WaitingCopy[] = [];
  #gone = false;
  /** How many transactions in a row this lane's copies have made fail. */
  failures = 0;
  /** Its copies made the last transaction fail: they now go without those of lanes that have made none fail. */
  apart = false;

  /** @param onSettled told of each copy before the copy itself is */
  constructor(lane: RecordLane, onSettled: (copy: PendingRecord) => void) {
    this.lane = lane;
    this.#onSettled = onSettled;
  }

  /** The partition is gone. */
  get gone(): boolean {
    return this.#gone;
  }

  /** @param offset of the record that it is a copy of */
  add(copy: PendingRecord, offset: number): void {
    insert(this.#waiting, { copy, offset, state: 'new', suspect: false, refusal: undefined });
  }

  /** What goes next, and where the lane stands then; `undefined` where nothing can go. */
  share(): Share | undefined {
    const batch = firstBatch(this.#waiting);
    if (batch.length === 0) return undefined;
    const offset = this.lane.positionAfter(batch.map((one) => one.offset));
    if (offset === undefined) return undefined;
    const copies = batch.filter((one) => one.offset < offset.offset || !this.lane.awaits(one.offset));
    return copies.length === 0 ? undefined : { of: this, copies, offset, doubts: this.lane.doubts };
  }

  /**
   * The group has committed `position`: the copies of records below it were written, by this member or another one.
   * Refusals that are final are told now.
   */
  opened(position: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ offset, refusal }) => offset >= position && refusal === undefined);
    for (const one of waiting) {
      const { copy, offset, refusal } = one;
      if (offset < position && one.state !== 'new') this.#settle(one, () => copy.written(undefined));
      else if (offset < position) this.#settle(one, () => copy.dropped());
      else if (refusal !== undefined) this.#settle(one, () => copy.refused(refusal.error));
    }
  }

  /** The partition is gone. A transaction that is under way still gets its answer. */
  close(): void {
    this.#gone = true;
    for (const one of this.#waiting)
      if (one.state !== 'under way') this.#settle(one, () => one.copy.dropped());
  }

  committed({ copies, offset }: Share): void {
    const written = new Set(copies);
    this.#waiting = this.#waiting.filter((one) => !written.has(one));
    this.failures = 0;
    this.apart = false;
    this.lane.endTransaction(offset);
    for (const one of copies) this.#settle(one, () => one.copy.written(undefined));
  }

  /** The transaction did not commit, or nobody knows. */
  undone({ copies }: Share): void {
    for (const one of copies) {
      if (this.#gone) this.#settle(one, () => one.copy.dropped());
      else if (one.state === 'under way') one.state = 'doubtful';
    }
  }

  #settle(one: WaitingCopy, tell: () => void): void {
    if (one.state === 'settled') return;
    one.state = 'settled';
    this.#onSettled(one.copy);
    tell();
  }
}
