/**
 * The finished prefix of one partition: which offset may be committed.
 *
 * Only offsets that were DELIVERED count, so the gaps that compaction and transaction markers leave hold nothing
 * up. Offsets begin in rising order and may finish in any.
 */
export class OffsetTracker {
  /** Begun and not yet prunable, rising. */
  #begun: number[] = [];
  /** Finished out of order: behind one that still runs. */
  readonly #finished = new Set<number>();
  #next: number;

  constructor(position: number) {
    this.#next = position;
  }

  /** The offset to commit: all that was delivered below it has finished. */
  get position(): number {
    return this.#begun[0] ?? this.#next;
  }

  /** How many have begun and not finished. */
  get unfinished(): number {
    return this.#begun.length - this.#finished.size;
  }

  begin(offset: number): void {
    this.#begun.push(offset);
    this.#next = offset + 1;
  }

  finish(offset: number): void {
    if (this.#begun[0] !== offset) {
      if (this.#begun.includes(offset)) this.#finished.add(offset);
      return;
    }
    this.#begun.shift();
    while (this.#begun.length > 0 && this.#finished.delete(this.#begun[0] as number)) this.#begun.shift();
  }

  /** Another member has committed up to `position`: nothing below counts any more. */
  advance(position: number): void {
    this.#begun = this.#begun.filter((offset) => offset >= position);
    for (const offset of this.#finished) if (offset < position) this.#finished.delete(offset);
    if (this.#next < position) this.#next = position;
  }
}
