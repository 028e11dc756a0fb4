import type { Clock } from '@velo/retry-core';

/** One moment by both readings of the clock, ms. */
export interface FetchTime {
  readonly now: number;
  readonly wallTime: number;
}

/** The offset behind the last record of the fetch. */
interface Fetch extends FetchTime {
  readonly end: number;
}

/**
 * When the records of a tier's partition were fetched. A wait begins there, not when the record's turn comes: the time of
 * day may be set in between, and records that claim to be due in a year wait side by side, not one after the other.
 */
export class FetchTimes {
  readonly #clock: Clock;
  /** In the order of their offsets, which is the order of their times. */
  #fetches: Fetch[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Records from `begin` up to, and not with, `end` have come. A log that was made again begins a list of its own. */
  add(begin: number, end: number): void {
    if (begin < (this.#fetches.at(-1)?.end ?? 0)) this.#fetches = [];
    this.#fetches.push({ end, ...this.#present() });
  }

  /** Of records that are asked for in the order of their offsets; of one that nobody has told of, the present. */
  take(offset: number): FetchTime {
    while ((this.#fetches[0]?.end ?? Number.POSITIVE_INFINITY) <= offset) this.#fetches.shift();
    return this.#fetches[0] ?? this.#present();
  }

  #present(): FetchTime {
    return { now: this.#clock.now(), wallTime: this.#clock.wallTime() };
  }
}
