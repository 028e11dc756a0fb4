import { type Clock, nextTurn } from '@velo/retry-core';

/** After so many ms, handlers that never wait give way to the event loop; the clock is read every so many records. */
const TURN = 5;
const LOOK_EVERY = 16;

/** Lets the event loop have its turn between the records of one lane. */
export class Breaths {
  readonly #clock: Pick<Clock, 'now'>;
  #records = 0;
  #since = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Before records that may all be handled at once: what was before is over. */
  begin(): void {
    this.#since = this.#clock.now();
  }

  /** After each record: resolves when the next may begin; `undefined` if it may now. */
  take(): Promise<void> | undefined {
    if (++this.#records % LOOK_EVERY !== 0 || this.#clock.now() - this.#since <= TURN) return undefined;
    return nextTurn().then(() => this.begin());
  }
}
