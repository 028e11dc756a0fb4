import { setTimeout as sleep } from 'node:timers/promises';
import { createVeloOn, type VeloProducer } from '@velo/engine';
import { fixed } from '@velo/retry-core';
import { type ClientName, clientHere, openClient } from './clients.js';
import type { Write } from './history/writer.js';
import { recordedBinding } from './member/recorded-binding.js';
import { fateOf } from './plan/fates.js';
import { keyOf, textOf, topicOf } from './plan/records.js';
import { PARCELS, SOURCE_TOPICS } from './plan/topics.js';
import { timeOfDay } from './time-of-day.js';

/** Between two sends, ms. */
const TICK = 50;
/** Sends that wait for a broker; above it no new ones start, so an outage costs bounded memory. */
const MAX_PENDING = 800;
/** Records a second that pass at once, while others run out. */
const TRICKLE = 10;
/** ms. A topic that was deleted is there again by then. */
const REMADE_WITHIN = 60_000;

export interface LoadOptions {
  readonly client: ClientName;
  readonly brokers: readonly string[];
  readonly seed: number;
  /** At least so many. */
  readonly records: number;
  /** Records a second. */
  readonly rate: number;
  readonly write: Write;
  readonly signal: AbortSignal;
}

/** velo's own producer, which sends evenly and through every fault. */
export class Load {
  readonly #options: LoadOptions;
  #sent = 0;
  #acknowledged = 0;
  #refused = 0;
  #pending = 0;
  #faultsAreOver = false;
  #isOver = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** As many as were asked for are acknowledged, and nothing is on its way. */
  get hasAll(): boolean {
    return this.#faultsAreOver && this.#sent >= this.#options.records && this.#pending === 0;
  }

  /** Records whose send was rejected: nobody knows whether they are written. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * From now on, only what is missing to the number of records is sent, then a few that pass at once: a breaker that is open needs one to
   * see that all is well.
   */
  finish(): void {
    this.#faultsAreOver = true;
  }

  /** No more after what is missing. */
  end(): void {
    this.#isOver = true;
  }

  /** Sends until all records are sent and `finish` and `end` were called; resolves when all are acknowledged. */
  async run(): Promise<void> {
    const { client, brokers, records, rate, write, signal } = this.#options;
    const open = await openClient(clientHere(client), brokers);
    const quiet = { info: () => {}, warn: () => {}, error: () => {} };
    const velo = createVeloOn(() => recordedBinding(open(), write, { current: 0 }), { logger: quiet });
    const producer = velo.producer({ strategy: fixed(200) });
    const began = performance.now();
    try {
      while (!(this.#faultsAreOver && this.#sent >= records) || this.#pending > 0 || !this.#isOver) {
        signal.throwIfAborted();
        if (this.#faultsAreOver && this.#sent >= records) {
          if (!this.#isOver) this.#sendOneThatPasses(producer);
          await sleep(1_000 / TRICKLE);
          continue;
        }
        const due = Math.floor(((performance.now() - began) / 1_000) * rate);
        const most = this.#faultsAreOver ? records : Number.POSITIVE_INFINITY;
        const count = Math.min(due, most) - this.#sent;
        // What could not be sent in an outage comes after it, but not all at once.
        if (count > 0 && this.#pending < MAX_PENDING)
          this.#send(producer, Math.min(count, Math.ceil(rate / 5)));
        await sleep(TICK);
      }
    } finally {
      await velo.close();
    }
  }

  #sendOneThatPasses(producer: VeloProducer): void {
    while (fateOf(this.#options.seed, this.#sent) !== 'pass') this.#sent++;
    if (this.#pending < MAX_PENDING) this.#send(producer, 1);
  }

  /** Each topic by itself: one whose leader is away does not hold the others up. */
  #send(producer: VeloProducer, count: number): void {
    const ids = Array.from({ length: count }, (_, i) => this.#sent + i);
    this.#sent += count;
    for (const topic of SOURCE_TOPICS) {
      const own = ids.filter((id) => topicOf(id) === topic);
      if (own.length > 0) void this.#sendTo(producer, topic, own);
    }
  }

  async #sendTo(producer: VeloProducer, topic: string, ids: readonly number[]): Promise<void> {
    const { seed, write } = this.#options;
    const began = timeOfDay();
    this.#pending++;
    try {
      const messages = ids.map((id) => ({ key: keyOf(id), value: textOf(seed, id) }));
      // A topic that is deleted refuses for good; whoever knows that it is made again sends again.
      const patience = began + (topic === PARCELS ? REMADE_WITHIN : 0);
      for (;;) {
        try {
          await producer.send({ topic, messages });
          break;
        } catch (error) {
          if (timeOfDay() > patience) throw error;
          await sleep(TICK);
        }
      }
      write({ kind: 'acknowledged', ids, began });
      this.#acknowledged += ids.length;
    } catch (error) {
      write({ kind: 'note', text: `refused: ${String(error)}` });
      this.#refused += ids.length;
    } finally {
      this.#pending--;
    }
  }
}
