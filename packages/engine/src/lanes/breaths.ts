import { type Clock, nextTurn } from '@velo/retry-core';

/** After so many ms, handlers that never wait give way to the event loop; the clock is read every so many records. */
const TURN = 5;
const LOOK_EVERY = 64;

/** Lets the event loop have its turn between the records of one lane. */
export class Breaths {
  readonly #clock: Clock;
  #records = 0;
  #last: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = clock.now();
  }

  /** After each record: resolves when the next may begin; `undefined` if it may now. */
  take(): Promise<void> | undefined {
    if (++this.#records % LOOK_EVERY !== 0 || this.#clock.now() - this.#last <= TURN) return undefined;
    return nextTurn().then(() => {
      this.#last = this.#clock.now();
    });
  }
}
