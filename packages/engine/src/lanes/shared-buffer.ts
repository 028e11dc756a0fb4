import type { Clock } from '@velo/retry-core';

/** ms. What has waited for so long is given memory of its own, within twice this. */
const LOOK_EVERY = 100;
/** Bytes. What has waited while so many came is, too: each record that waits may keep the whole answer that it came in. */
const LOOK_AFTER = 8 * 2 ** 20;

/** Records that may have to wait. */
export interface Waiting {
  /** Gives memory of their own to those that have waited since the last call. False: there are no others. */
  settle(): boolean;
}

/**
 * What the lanes of one consumer keep in memory together. A lane may have as much as is free, so one alone gets half, n
 * get the same, and the largest is paused first (the rule of `Backlog`). A lane that has nothing goes on in any case: none
 * starves, and what is kept exceeds the total by one fetch for each lane at most.
 */
export class SharedBuffer {
  readonly #clock: Clock;
  readonly #total: number;
  #bytes = 0;
  /** Since the last look. */
  #came = 0;
  readonly #waiting = new Set<Waiting>();
  #cancel: (() => void) | undefined;
  #closed = false;

  /** @param total bytes */
  constructor(clock: Clock, total: number) {
    this.#clock = clock;
    this.#total = total;
  }

  /** Bytes; below 0 above the total. */
  get free(): number {
    return this.#total - this.#bytes;
  }

  came(bytes: number): void {
    this.#bytes += bytes;
    this.#came += bytes;
  }

  gone(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** What waits is looked at soon, if it still does by then: what passes at once costs no copy. */
  watch(waiting: Waiting): void {
    if (this.#closed) return;
    this.#waiting.add(waiting);
    if (this.#came >= LOOK_AFTER) this.#look();
    else this.#cancel ??= this.#clock.schedule(LOOK_EVERY, () => this.#look());
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#waiting.clear();
  }

  #look(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#came = 0;
    for (const waiting of this.#waiting) if (!waiting.settle()) this.#waiting.delete(waiting);
    if (this.#waiting.size > 0) this.#cancel = this.#clock.schedule(LOOK_EVERY, () => this.#look());
  }
}
