import type { OffsetSpan } from './finished-ahead.js';

/**
 * The finished prefix of one partition: which offset may be committed.
 *
 * Only offsets that were DELIVERED count, so the gaps that compaction and transaction markers leave hold nothing
 * up. Offsets begin in rising order and may finish in any.
 */
export class OffsetTracker {
  /**
   * Offsets that have begun, rising, from index `#head` on. Moving the index drops those in front: `Array.shift`
   * would copy the rest.
   */
  #begun: number[] = [];
  #head = 0;
  /** Finished out of order: behind one that still runs. */
  readonly #finished = new Set<number>();
  #next: number;
  #outOfOrder = 0;

  constructor(position: number) {
    this.#next = position;
  }

  /** The offset to commit: all that was delivered below it has finished. */
  get position(): number {
    return this.#begun[this.#head] ?? this.#next;
  }

  /** How many have begun from the oldest unfinished one on. */
  get begun(): number {
    return this.#begun.length - this.#head;
  }

  /** What the position would be if these had finished, too; `offsets` rise. */
  positionAfter(offsets: readonly number[]): number {
    let at = this.#head;
    for (let i = 0; at < this.#begun.length; at++) {
      const offset = this.#begun[at] as number;
      while (i < offsets.length && (offsets[i] as number) < offset) i++;
      if (offsets[i] !== offset && !this.#finished.has(offset)) break;
    }
    return this.#begun[at] ?? this.#next;
  }

  begin(offset: number): void {
    this.#begun.push(offset);
    this.#next = offset + 1;
  }

  finish(offset: number): void {
    if (this.#begun[this.#head] !== offset) {
      if (!this.#isBegun(offset)) return;
      this.#finished.add(offset);
      this.#outOfOrder++;
      return;
    }
    this.#head++;
    this.#passFinished();
  }

  /** Another member has committed up to `position`: nothing below counts any more. */
  advance(position: number): void {
    this.#begun = this.#begun.slice(this.#head).filter((offset) => offset >= position);
    this.#head = 0;
    for (const offset of this.#finished) if (offset < position) this.#finished.delete(offset);
    if (this.#next < position) this.#next = position;
    // What it waited for may be below, and nothing else would ever move it on.
    this.#passFinished();
  }

  #passFinished(): void {
    while (this.#finished.size > 0 && this.#finished.delete(this.#begun[this.#head] as number)) this.#head++;
    this.#prune();
  }

  /** How often something has finished behind what still runs: what is beyond the position has changed since, if this has. */
  get outOfOrder(): number {
    return this.#outOfOrder;
  }

  /** All begin below it that have begun. */
  get next(): number {
    return this.#next;
  }

  /** What has finished beyond the position; what was never delivered in between counts as finished, too. */
  finishedAhead(): OffsetSpan[] {
    const spans: OffsetSpan[] = [];
    if (this.#finished.size === 0) return spans;
    let begin = -1;
    let end = -1;
    for (let at = this.#head; at < this.#begun.length; at++) {
      const offset = this.#begun[at] as number;
      if (this.#finished.has(offset)) {
        if (begin < 0) begin = offset;
        end = offset + 1;
      } else if (begin >= 0) {
        spans.push({ begin, end });
        begin = -1;
      }
    }
    if (begin >= 0) spans.push({ begin, end });
    return spans;
  }

  /** Begun, and not finished. */
  isUnfinished(offset: number): boolean {
    return this.#isBegun(offset) && !this.#finished.has(offset);
  }

  /**
   * Binary search: with thousands of copies on their way, a search from the start costs more than all else of a
   * record.
   */
  #isBegun(offset: number): boolean {
    let low = this.#head;
    let high = this.#begun.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#begun[middle] as number;
      if (found === offset) return true;
      if (found < offset) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }

  #prune(): void {
    if (this.#head === this.#begun.length) {
      // Mostly one at a time is under way: `pop` keeps the array's memory, a length of 0 would give it back.
      if (this.#head === 1) this.#begun.pop();
      else this.#begun = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#begun.length) {
      this.#begun = this.#begun.slice(this.#head);
      this.#head = 0;
    }
  }
}
