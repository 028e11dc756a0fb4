import type { FetchTime } from '../attempts/fetch-times.js';
import { type AttemptTimes, RecordAttempts } from '../attempts/record-attempts.js';
import type { KafkaRecord } from '../binding/record.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import type { HandlingOrder } from '../plan/config.js';
import type { Route } from '../plan/plan-topic.js';
import type { RecordLane } from '../sending/record-lane.js';
import { Breaths } from './breaths.js';
import type { LaneHost } from './lane-host.js';
import type { LaneWork } from './lane-work.js';
import { LaneSlots } from './slots.js';

/** The lane whose records run side by side. */
export interface StrandedLane extends RecordLane, AttemptTimes {
  /** Records may begin. */
  readonly isOpen: boolean;
  /** What only the configuration can have thrown. */
  fail(error: unknown): void;
  /** A record that was taken last is under way beside those that are taken after it, until it has `ended`. */
  keep(record: KafkaRecord): void;
  ended(record: KafkaRecord): void;
}

/** A record that was taken. */
interface Taken {
  readonly record: KafkaRecord;
  readonly fetched: FetchTime | undefined;
}

/** The strand of a lane that has one only. */
const WHOLE = '';

/**
 * The records of a lane that were taken, side by side. Those of one strand run one after the other, in the order they came;
 * a strand is a key, or the whole partition, as `order` says, and is forgotten when its last record has ended.
 */
export class Strands implements LaneWork {
  readonly #route: Route;
  readonly #host: LaneHost;
  readonly #lane: StrandedLane;
  readonly #slots: LaneSlots;
  readonly #breaths: Breaths;
  /** Of strands that have a record under way: those that wait behind it. */
  readonly #strands = new Map<string, Taken[]>();
  readonly #runs = new Set<Run>();
  #onEnd: (() => void)[] = [];

  constructor(route: Route, host: LaneHost, lane: StrandedLane) {
    this.#route = route;
    this.#host = host;
    this.#lane = lane;
    this.#slots = new LaneSlots(route.concurrency.perPartition, host.slots);
    this.#breaths = new Breaths(host.clock);
  }

  get waiting(): number {
    const behind = [...this.#strands.values()].reduce((sum, { length }) => sum + length, 0);
    return [...this.#runs].filter(({ hasBegun }) => !hasBegun).length + behind;
  }

  get running(): readonly RunningHandler[] {
    return [...this.#runs].flatMap(({ attempts }) => attempts.running);
  }

  run(record: KafkaRecord, fetched: FetchTime | undefined): Promise<void> | undefined {
    this.#lane.keep(record);
    const taken = { record, fetched };
    const key = strandOf(record, this.#route.concurrency.order);
    const before = key === undefined ? undefined : this.#strands.get(key);
    if (before !== undefined) {
      before.push(taken);
      return undefined;
    }
    if (key !== undefined) this.#strands.set(key, []);
    const run = this.#newRun(taken);
    const turn = run.begin();
    void this.#follow(key, run, turn);
    // What follows may be free to run, but there is no slot for it.
    return turn?.then(() => {});
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#runs].map(({ attempts }) => attempts.idle()));
  }

  abort(reason: Error): void {
    for (const { attempts } of this.#runs) attempts.abort(reason);
  }

  end(): Promise<void> {
    this.#slots.close();
    if (this.#runs.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEnd.push(resolve));
  }

  /** A record to its end, then those that wait behind it. */
  async #follow(key: string | undefined, first: Run, firstTurn: Promise<boolean> | undefined): Promise<void> {
    let run: Run | undefined = first;
    let turn = firstTurn;
    while (run !== undefined) {
      const failed = await this.#toItsEnd(run, turn);
      // Nothing passes a record that could not be taken care of.
      const next: Run | undefined = failed ? undefined : this.#next(key);
      this.#runs.delete(run);
      run.end();
      this.#lane.ended(run.taken.record);
      run = next;
      turn = next?.begin();
    }
    if (this.#runs.size === 0) for (const tell of this.#onEnd.splice(0)) tell();
  }

  /** @returns whether the configuration has failed it */
  async #toItsEnd({ attempts, taken }: Run, turn: Promise<boolean> | undefined): Promise<boolean> {
    try {
      if (turn !== undefined && !(await turn)) return false;
      await attempts.run(taken.record, taken.fetched);
      await this.#breaths.take();
      return false;
    } catch (error) {
      this.#lane.fail(error);
      return true;
    }
  }

  /** What waits behind a record of this strand that has ended. */
  #next(key: string | undefined): Run | undefined {
    if (key === undefined) return undefined;
    const next = this.#strands.get(key)?.shift();
    if (next === undefined) {
      this.#strands.delete(key);
      return undefined;
    }
    return this.#newRun(next);
  }

  #newRun(taken: Taken): Run {
    const run = new Run(taken, this.#lane, this.#slots, this.#route, this.#host);
    this.#runs.add(run);
    return run;
  }
}

/** A record that is under way: its attempts, and the slot that it has while one runs. */
class Run implements AttemptTimes {
  readonly taken: Taken;
  readonly attempts: RecordAttempts;
  readonly #lane: StrandedLane;
  readonly #slots: LaneSlots;
  #hasSlot = false;
  #hasBegun = false;

  constructor(taken: Taken, lane: StrandedLane, slots: LaneSlots, route: Route, host: LaneHost) {
    this.taken = taken;
    this.#lane = lane;
    this.#slots = slots;
    this.attempts = new RecordAttempts(route, host, lane, this);
  }

  /** Whether its attempts may begin; `undefined`: they may now, or wait by themselves until they are due. */
  begin(): Promise<boolean> | undefined {
    const { record, fetched } = this.taken;
    if (fetched !== undefined) return undefined;
    if (this.#lane.isOpen && this.#isWanted && this.#slots.take()) {
      this.#take();
      return undefined;
    }
    return this.wait(0, record);
  }

  /** Whoever waits has no slot. */
  async wait(ms: number, record: KafkaRecord): Promise<boolean> {
    this.end();
    if (!(await this.#lane.wait(ms, record))) return false;
    while (await this.#slots.turn()) {
      this.#take();
      if (this.#lane.isOpen) return this.#isWanted;
      this.end();
      if (!(await this.#lane.wait(0, record))) return false;
    }
    return false;
  }

  /** Its first attempt was begun. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  #take(): void {
    this.#hasSlot = true;
    this.#hasBegun = true;
  }

  /** No other member has committed it. */
  get #isWanted(): boolean {
    return this.#lane.awaits(Number(this.taken.record.offset));
  }

  end(): void {
    if (!this.#hasSlot) return;
    this.#hasSlot = false;
    this.#slots.give();
  }
}

/** `undefined`: it waits for nothing, and nothing waits for it. */
function strandOf({ key }: KafkaRecord, order: HandlingOrder): string | undefined {
  if (order === 'partition') return WHOLE;
  // Each byte is one character, so that different keys are different texts.
  return order === 'none' || key === null ? undefined : key.toString('latin1');
}
