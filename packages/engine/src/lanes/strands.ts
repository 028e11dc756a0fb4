import type { FetchTime } from '../attempts/fetch-times.js';
import { RecordAttempts } from '../attempts/record-attempts.js';
import type { KafkaRecord } from '../binding/record.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import type { Route } from '../plan/plan-topic.js';
import { Breaths } from './breaths.js';
import type { LaneHost } from './lane-host.js';
import type { LaneWork } from './lane-work.js';
import { SlotHolder } from './slot-holder.js';
import { LaneSlots } from './slots.js';
import { strandOf } from './strand-of.js';
import type { StrandedLane } from './stranded-lane.js';

/** A record that was taken. */
interface Taken {
  readonly record: KafkaRecord;
  readonly fetched: FetchTime | undefined;
}

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
    if (this.#runs.size === 0) this.#breaths.begin();
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

  interrupt(reason: Error): void {
    for (const { attempts } of this.#runs) attempts.interrupt(reason);
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
      run.end();
      const leaving = this.#lane.left(run.taken.record);
      if (leaving !== undefined) await leaving;
      // Nothing passes a record that could not be taken care of.
      const next: Run | undefined = failed ? undefined : this.#next(key);
      this.#runs.delete(run);
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
      await attempts.begin(taken.record, taken.fetched);
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

/** A record that is under way. */
class Run extends SlotHolder {
  readonly taken: Taken;
  readonly attempts: RecordAttempts;

  constructor(taken: Taken, lane: StrandedLane, slots: LaneSlots, route: Route, host: LaneHost) {
    super(lane, slots);
    this.taken = taken;
    this.attempts = new RecordAttempts(route, host, lane, this);
  }

  /** Whether its attempts may begin; `undefined`: they may now, or wait by themselves until they are due. */
  begin(): Promise<boolean> | undefined {
    const { record, fetched } = this.taken;
    return fetched !== undefined || this.take(record) ? undefined : this.wait(0, record);
  }
}
