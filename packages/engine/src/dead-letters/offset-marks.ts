const CHUNK = 1_024;

/** A mark for some offsets of a partition, in 4 bytes each: of 1,024 offsets in a row none takes memory before one has a mark. */
export class OffsetMarks {
  readonly #chunks = new Map<number, Uint32Array>();

  /** 0: none. */
  get(offset: number): number {
    return this.#chunks.get(Math.floor(offset / CHUNK))?.[offset % CHUNK] ?? 0;
  }

  /** @param mark in 32 bits */
  set(offset: number, mark: number): void {
    const at = Math.floor(offset / CHUNK);
    let chunk = this.#chunks.get(at);
    if (chunk === undefined) {
      if (mark === 0) return;
      chunk = new Uint32Array(CHUNK);
      this.#chunks.set(at, chunk);
    }
    chunk[offset % CHUNK] = mark;
  }
}
