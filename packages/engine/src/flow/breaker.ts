import {
  CircuitBreaker,
  type CircuitState,
  type Clock,
  foreignMessage,
  formatDuration,
} from '@velo/retry-core';
import { within } from '../binding/deadline.js';
import type { BreakerLimits } from '../plan/flow.js';

/** What a source does as its circuit changes. */
export interface BreakerSeat {
  readonly clock: Clock;
  /** Nothing may start. */
  hold(): void;
  /** One record alone may start: how it ends decides. */
  offer(): void;
  release(): void;
  /** The probe says that it is not over. */
  probeFailed(reason: string): void;
}

/** How long a probe may take, ms, at most; else as long as the circuit stays open. */
const PROBE_LIMIT = 30_000;

/** The circuit breaker of one source: its own, or one that it shares with other consumers and with whoever calls the service. */
export class SourceBreaker {
  readonly #circuit: CircuitBreaker;
  readonly #limits: BreakerLimits;
  readonly #seat: BreakerSeat;
  readonly #forget: () => void;
  #cancel = (): void => {};
  #probing: AbortController | undefined;
  #isClosed = false;

  constructor(limits: BreakerLimits, seat: BreakerSeat) {
    this.#limits = limits;
    this.#seat = seat;
    this.#circuit = limits.shared ?? new CircuitBreaker(limits.options);
    this.#forget = this.#circuit.onChange((state) => this.#changed(state));
    if (this.#circuit.state(seat.clock.now()) !== 'closed') this.#changed('open');
  }

  get state(): CircuitState {
    return this.#circuit.state(this.#seat.clock.now());
  }

  /** An attempt has ended that was allowed to start. */
  ended(hasSucceeded: boolean): void {
    const now = this.#seat.clock.now();
    if (hasSucceeded) this.#circuit.succeeded(now);
    else this.#circuit.failed(now);
  }

  /** The trial has told nothing: another one is made later. */
  postpone(): void {
    this.#wait();
  }

  /** Leaves neither timer nor listener, and ends a probe. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#forget();
    this.#probing?.abort();
  }

  #changed(state: 'open' | 'closed'): void {
    this.#cancel();
    if (state === 'closed') {
      this.#seat.release();
      return;
    }
    this.#seat.hold();
    this.#wait();
  }

  #wait(): void {
    this.#cancel();
    const { clock } = this.#seat;
    this.#cancel = clock.schedule(Math.max(1, this.#circuit.left(clock.now())), () => this.#tryAgain());
  }

  #tryAgain(): void {
    const { shared, probe } = this.#limits;
    const now = this.#seat.clock.now();
    // The handler calls the service by a circuit that it shares, and takes its trial there.
    const mayTry =
      shared !== undefined && probe === undefined ? shared.left(now) === 0 : this.#circuit.allows(now);
    if (this.#circuit.state(now) === 'closed') this.#seat.release();
    else if (!mayTry) this.#wait();
    else if (probe === undefined) this.#seat.offer();
    else void this.#probe(probe);
  }

  async #probe(probe: (signal: AbortSignal) => unknown): Promise<void> {
    const probing = new AbortController();
    this.#probing = probing;
    const limit = Math.min(PROBE_LIMIT, this.#limits.openFor);
    const answered = (async () => ({
      isWell: (await probe(probing.signal)) !== false,
      reason: 'it gave back false',
    }))().catch((error: unknown) => ({ isWell: false, reason: foreignMessage(error) }));
    const stopped = new Promise<undefined>((resolve) => {
      probing.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const late = { isWell: false, reason: `it has not ended within ${formatDuration(limit)}` };
    const answer = (await within(limit, Promise.race([answered, stopped]), this.#seat.clock)) || late;
    probing.abort();
    if (this.#isClosed) return;
    if (!answer.isWell) this.#seat.probeFailed(answer.reason);
    this.ended(answer.isWell);
  }
}
