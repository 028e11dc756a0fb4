// One file, since each step of a record's way to and from its batch changes what may go next.
import { nextTurn } from '@velo/retry-core';
import { BatchAttempts, type FailedRecord } from '../attempts/batch-attempts.js';
import type { FetchTime } from '../attempts/fetch-times.js';
import { joinKey } from '../attempts/join-key.js';
import { passOn } from '../attempts/pass-on.js';
import type { PreparedRecord } from '../attempts/prepared-record.js';
import { RecordAttempts } from '../attempts/record-attempts.js';
import { readTierRecord, tellLate } from '../attempts/tier-record.js';
import type { KafkaRecord } from '../binding/record.js';
import { dataInBytes } from '../binding/record-size.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import type { Batch } from '../plan/batch.js';
import type { Route } from '../plan/plan-topic.js';
import { BusyStrands } from './busy-strands.js';
import type { LaneHost } from './lane-host.js';
import type { LaneWork } from './lane-work.js';
import { SlotHolder } from './slot-holder.js';
import { LaneSlots } from './slots.js';
import { strandOf } from './strand-of.js';
import type { StrandedLane } from './stranded-lane.js';

/** A record that waits for its batch. */
interface Waiting extends PreparedRecord {
  readonly strand: string | undefined;
  readonly bytes: number;
  /** When it could have gone first, ms of the clock's `now`. */
  readonly since: number;
}

type Attempts = Pick<RecordAttempts, 'running' | 'idle' | 'interrupt'>;

/**
 * The records of a lane that were taken, in batches: of those that are free, in the order they came. A strand whose records are in a batch
 * is busy until all of them have ended; those that come behind them wait. A batch is made up when a slot is there for it, so that it is as
 * large as can be.
 */
export class Batches implements LaneWork {
  readonly #route: Route & { readonly batch: Batch };
  readonly #host: LaneHost;
  readonly #lane: StrandedLane;
  readonly #slots: LaneSlots;
  /** Those that are free, in the order they came, and their bytes. */
  #free: Waiting[] = [];
  #freeBytes = 0;
  readonly #busy = new BusyStrands<Waiting>();
  readonly #running = new Set<Attempts>();
  /** Batches, and records that go on alone. */
  #under = 0;
  #making = false;
  #cancel: (() => void) | undefined;
  /** Told when the next batch is made up. */
  #onMade: (() => void) | undefined;
  #onEnd: (() => void)[] = [];
  #closed = false;

  constructor(route: Route & { readonly batch: Batch }, host: LaneHost, lane: StrandedLane) {
    this.#route = route;
    this.#host = host;
    this.#lane = lane;
    this.#slots = new LaneSlots(route.concurrency.perPartition, host.slots);
  }

  get waiting(): number {
    return this.#free.length + this.#busy.waiting;
  }

  get running(): readonly RunningHandler[] {
    return [...this.#running].flatMap(({ running }) => running);
  }

  run(record: KafkaRecord, fetched: FetchTime | undefined): Promise<void> | undefined {
    this.#lane.keep(record);
    if (fetched !== undefined) return this.#whenDue(record, fetched);
    return this.#add({ record, state: undefined, route: this.#route });
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#running].map((attempts) => attempts.idle()));
  }

  interrupt(reason: Error): void {
    for (const attempts of this.#running) attempts.interrupt(reason);
  }

  end(): Promise<void> {
    this.#closed = true;
    this.#slots.close();
    this.#cancel?.();
    this.#onMade?.();
    for (const { record } of [...this.#free, ...this.#busy.letGo()]) this.#lane.ended(record);
    this.#free = [];
    if (this.#under === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEnd.push(resolve));
  }

  /** Records of a tier become due in their order; a batch holds those that are. */
  #whenDue(record: KafkaRecord, fetched: FetchTime): Promise<void> | undefined {
    const tierRecord = readTierRecord(record, fetched, this.#route, this.#host);
    if (tierRecord === undefined) {
      this.#lane.finish(record);
      this.#lane.ended(record);
      return undefined;
    }
    const begin = () => {
      if (passOn(record, tierRecord, this.#host, this.#lane)) {
        this.#lane.ended(record);
        return undefined;
      }
      tellLate(record, tierRecord, this.#host);
      return this.#add({ record, state: tierRecord.state, route: tierRecord.route });
    };
    const wait = tierRecord.due - this.#host.clock.now();
    if (wait <= 0) return begin();
    return this.#lane.ready(wait, record).then((isDue) => (isDue ? begin() : this.#lane.ended(record)));
  }

  /** Resolves when another one may be added; `undefined` if it may now. */
  #add(prepared: PreparedRecord): Promise<void> | undefined {
    const { record } = prepared;
    if (this.#closed) {
      this.#lane.ended(record);
      return undefined;
    }
    const strand = strandOf(record, this.#route.concurrency.order);
    const waiting = { ...prepared, strand, bytes: dataInBytes(record), since: this.#host.clock.now() };
    if (this.#busy.follow(waiting)) return undefined;
    this.#free.push(waiting);
    this.#freeBytes += waiting.bytes;
    this.#look();
    if (!this.#isFull) return undefined;
    return new Promise((resolve) => {
      this.#onMade = resolve;
    });
  }

  get #isFull(): boolean {
    const { maxRecords, maxBytes } = this.#route.batch;
    return this.#free.length >= maxRecords || this.#freeBytes >= maxBytes;
  }

  /** Makes up batches, or looks again when the first record has waited long enough. */
  #look(): void {
    if (this.#making || this.#closed || this.#free.length === 0) return;
    const left = this.#left;
    this.#cancel?.();
    this.#cancel = undefined;
    if (left > 0 && !this.#isFull) {
      this.#cancel = this.#host.clock.schedule(left, () => this.#look());
      return;
    }
    this.#making = true;
    // What comes in one turn of the event loop goes together.
    const begin = this.#isFull ? this.#make() : nextTurn().then(() => this.#make());
    begin.catch((error: unknown) => this.#lane.fail(error));
  }

  async #make(): Promise<void> {
    for (let first = this.#free[0]; first !== undefined && !this.#closed; first = this.#free[0]) {
      const holder = new SlotHolder(this.#lane, this.#slots);
      if (holder.take(first.record) || (await holder.wait(0, first.record))) {
        const batch = this.#take();
        if (batch[0] !== first) this.#lane.flow.forget((record) => record === first.record);
        if (batch.length === 0) holder.end();
        else void this.#handle(batch, holder);
      } else {
        holder.end();
        // Another member has got so far; or nothing starts any more, and `end` lets go of the rest.
        if (this.#lane.awaits(Number(first.record.offset))) return;
        if (this.#free[0] === first) this.#drop();
      }
      if (!this.#isFull && this.#left > 0) break;
    }
    this.#making = false;
    this.#look();
  }

  /** How long the first of the free ones may still wait for others, ms. */
  get #left(): number {
    const since = this.#free[0]?.since ?? Number.POSITIVE_INFINITY;
    return since + this.#route.batch.maxWait - this.#host.clock.now();
  }

  #drop(): void {
    const first = this.#free.shift();
    if (first === undefined) return;
    this.#freeBytes -= first.bytes;
    this.#lane.ended(first.record);
  }

  /** As many of the free ones as go together; those of their strands that are left wait behind them. */
  #take(): Waiting[] {
    const { maxBytes } = this.#route.batch;
    const maxRecords = this.#lane.flow.isOnTrial ? 1 : this.#route.batch.maxRecords;
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    let bytes = 0;
    while (this.#free.length > 0 && batch.length < maxRecords) {
      const next = this.#free[0] as Waiting;
      if (!this.#lane.awaits(Number(next.record.offset))) {
        this.#drop();
        continue;
      }
      if (batch.length > 0 && bytes + next.bytes > maxBytes) break;
      this.#free.shift();
      if (this.#mustFollow(next)) {
        left.push(next);
        continue;
      }
      this.#busy.begin(next);
      this.#freeBytes -= next.bytes;
      if (this.#joins(next)) continue;
      bytes += next.bytes;
      batch.push(next);
    }
    left.push(...this.#free);
    this.#free = [];
    for (const one of left) {
      if (this.#busy.follow(one)) this.#freeBytes -= one.bytes;
      else this.#free.push(one);
    }
    this.#onMade?.();
    this.#onMade = undefined;
    return batch;
  }

  /** One of its strand is under way that may fail, and then it must not have been handled. */
  #mustFollow(one: Waiting): boolean {
    return this.#route.keepKeyOrder && this.#busy.has(one);
  }

  /** With `retry.keepKeyOrder`: its key waits in a tier, where it goes untried. */
  #joins(one: Waiting): boolean {
    if (!this.#route.keepKeyOrder || !joinKey(one, this.#host, this.#lane)) return false;
    this.#under++;
    void this.#gone(one).then(() => this.#underEnded());
    return true;
  }

  /** It has ended, and so has its copy. */
  async #gone(one: Waiting): Promise<void> {
    await this.#lane.left(one.record);
    this.#ended(one);
  }

  #underEnded(): void {
    this.#under--;
    this.#look();
    if (this.#under === 0) for (const tell of this.#onEnd.splice(0)) tell();
  }

  async #handle(batch: readonly Waiting[], holder: SlotHolder): Promise<void> {
    this.#under++;
    try {
      const attempts = new BatchAttempts<Waiting>(this.#route, this.#host, this.#lane, holder);
      const failed = await this.#watch(attempts, () => attempts.run(batch));
      holder.end();
      const alone = new Set(failed.map(({ prepared }) => prepared));
      for (const one of batch) if (!alone.has(one)) this.#ended(one);
      await this.#goOnAlone(failed);
    } catch (error) {
      this.#lane.fail(error);
    }
    holder.end();
    this.#underEnded();
  }

  /** Those of one strand one after the other. */
  async #goOnAlone(failed: readonly FailedRecord<Waiting>[]): Promise<void> {
    const { flow } = this.#lane;
    const { releases } = flow;
    const strands = new Map<string | FailedRecord<Waiting>, FailedRecord<Waiting>[]>();
    for (const one of failed) {
      const key = one.prepared.strand ?? one;
      const others = strands.get(key);
      if (others === undefined) strands.set(key, [one]);
      else others.push(one);
    }
    await Promise.all(
      [...strands.values()].map(async (ofOne) => {
        for (const { prepared, error } of ofOne) {
          const holder = new SlotHolder(this.#lane, this.#slots);
          const attempts = new RecordAttempts(this.#route, this.#host, this.#lane, holder);
          try {
            // What has failed before the guard let the others go is tried again as they are.
            const isOld = flow.releases !== releases;
            await this.#watch(attempts, () =>
              isOld ? attempts.again(prepared) : attempts.goOn(prepared, error),
            );
          } finally {
            holder.end();
          }
          await this.#gone(prepared);
        }
      }),
    );
  }

  async #watch<T>(attempts: Attempts, work: () => Promise<T>): Promise<T> {
    this.#running.add(attempts);
    try {
      return await work();
    } finally {
      this.#running.delete(attempts);
    }
  }

  /** A record has ended; those behind its strand are free when all of that have. */
  #ended(ended: Waiting): void {
    this.#lane.ended(ended.record);
    const free = this.#busy.end(ended);
    if (free === undefined) return;
    for (const one of free) {
      this.#free.push(one);
      this.#freeBytes += one.bytes;
    }
    this.#look();
  }
}
