import { type Clock, nextTurn } from '@velo/retry-core';

/** After so many ms, handlers that never wait give way to the event loop; the clock is read every so many records. */
const TURN = 5;
const LOOK_EVERY = 16;

/**
 * Lets the event loop have its turn between records whose handlers never wait: those of all lanes together, since one lane
 * after the other may be given records before it has had its turn.
 */
export class Breaths {
  readonly #clock: Pick<Clock, 'now'>;
  #records = 0;
  /** When the first record began since the event loop has had its turn. */
  #since: number | undefined;
  /** The next one. */
  #turn = Promise.resolve();
  #isOver = false;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Before records that may all be handled at once. */
  begin(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.now();
    this.#turn = nextTurn().then(() => {
      this.#since = undefined;
      this.#isOver = false;
    });
  }

  /** After each record: resolves when the next may begin; `undefined` if it may now. */
  take(): Promise<void> | undefined {
    if (this.#isOver) return this.#turn;
    if (++this.#records % LOOK_EVERY !== 0) return undefined;
    this.begin();
    this.#isOver = this.#clock.now() - (this.#since as number) > TURN;
    return this.#isOver ? this.#turn : undefined;
  }
}
