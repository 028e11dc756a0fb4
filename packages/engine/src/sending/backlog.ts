import type { OutgoingRecord } from '../binding/binding.js';
import type { PendingRecord } from './pending-record.js';

/** The most copies on their way in one pool, so an outage of the tiers costs bounded memory. */
const MAX_RECORDS = 2_000;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Copies with one key are written, or fail, together: those for one partition, or those in the transactions of one
 * lane.
 */
type TargetKey = string | object;

/** A number of copies, and of their bytes. */
class Amount {
  records = 0;
  bytes = 0;

  add({ records, bytes }: { readonly records: number; readonly bytes: number }, times: 1 | -1 = 1): void {
    this.records += times * records;
    this.bytes += times * bytes;
  }

  exceeds(part: number, most: Amount): boolean {
    return this.records >= part * most.records || this.bytes >= part * most.bytes;
  }
}

class Pool extends Amount {
  waiting: (() => void)[] = [];

  wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}

class Target extends Amount {
  pool: Pool;

  constructor(pool: Pool) {
    super();
    this.pool = pool;
  }
}

interface Place extends Readonly<Pick<Amount, 'records' | 'bytes'>> {
  readonly target: Target;
  readonly key: TargetKey;
  readonly lane: object | undefined;
}

/**
 * The copies on their way, and which lanes wait for fewer: those with copies for a target that has its share. A target's
 * share is as much as is free: one alone gets half of the pool, n get the same, 1/(n + 1), and one that comes later finds
 * some left (switches share memory between their ports so: Choudhury and Hahne, "Dynamic queue length thresholds", 1998).
 *
 * Targets whose writes fail have a pool of their own, so however many they are, the others have theirs. A lane without a
 * copy on its way always has room: at most there are two pools full, 4,000 copies and 32 MiB, and one copy for each lane.
 */
export class Backlog {
  readonly #flowing = new Pool();
  readonly #failing = new Pool();
  readonly #all = new Amount();
  /** The most that is on its way in a pool. */
  readonly #most = new Amount();
  readonly #targets = new Map<TargetKey, Target>();
  readonly #places = new Map<PendingRecord, Place>();
  /** How many copies each lane has for which target. */
  readonly #lanes = new Map<object, Map<Target, number>>();
  #watching: (() => void)[] = [];

  constructor(records = MAX_RECORDS, bytes = MAX_BYTES) {
    this.#most.add({ records, bytes });
  }

  get size(): number {
    return this.#all.records;
  }

  add(copy: PendingRecord, key: TargetKey, lane: object | undefined): void {
    let target = this.#targets.get(key);
    if (target === undefined) {
      target = new Target(this.#flowing);
      this.#targets.set(key, target);
    }
    const place: Place = { target, key, lane, records: 1, bytes: bytesOf(copy.record) };
    this.#places.set(copy, place);
    for (const amount of [target, target.pool, this.#all]) amount.add(place);
    if (lane === undefined) return;
    const targets = this.#lanes.get(lane) ?? new Map<Target, number>();
    targets.set(target, (targets.get(target) ?? 0) + 1);
    this.#lanes.set(lane, targets);
  }

  remove(copy: PendingRecord): void {
    const place = this.#places.get(copy);
    if (place === undefined) return;
    const { target, key, lane } = place;
    const scarce = this.#all.exceeds(1, this.#most);
    this.#places.delete(copy);
    for (const amount of [target, target.pool, this.#all]) amount.add(place, -1);
    if (target.records === 0) this.#targets.delete(key);
    if (lane !== undefined) this.#forget(lane, target);
    if (scarce) this.wake();
    else {
      target.pool.wake();
      this.#tell();
    }
  }

  /** Writes to this target fail from now on, or no longer do. */
  mark(key: TargetKey, failing: boolean): void {
    const target = this.#targets.get(key);
    const pool = failing ? this.#failing : this.#flowing;
    if (target === undefined || target.pool === pool) return;
    target.pool.add(target, -1);
    pool.add(target);
    target.pool = pool;
    this.wake();
  }

  /** Resolves when there may be room for more copies of this lane; `undefined` if there is now. */
  room(lane: object): Promise<void> | undefined {
    const most = this.#most;
    // While less than half of a pool is taken, no target can have as much as is free.
    if (!this.#flowing.exceeds(0.5, most) && !this.#failing.exceeds(0.5, most)) return undefined;
    for (const target of this.#lanes.get(lane)?.keys() ?? []) {
      if (!this.#hasRoom(target)) return new Promise((resolve) => target.pool.waiting.push(resolve));
    }
    return undefined;
  }

  /** Resolves at the next `remove` or `wake`. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#watching.push(resolve));
  }

  wake(): void {
    this.#flowing.wake();
    this.#failing.wake();
    this.#tell();
  }

  #hasRoom({ pool, records, bytes }: Target): boolean {
    const most = this.#most;
    const all = this.#all;
    return (
      records < Math.min(most.records - pool.records, 2 * most.records - all.records) &&
      bytes < Math.min(most.bytes - pool.bytes, 2 * most.bytes - all.bytes)
    );
  }

  #tell(): void {
    const watching = this.#watching;
    this.#watching = [];
    for (const tell of watching) tell();
  }

  #forget(lane: object, target: Target): void {
    const targets = this.#lanes.get(lane);
    const left = (targets?.get(target) ?? 0) - 1;
    if (left > 0) targets?.set(target, left);
    else targets?.delete(target);
    if (targets?.size === 0) this.#lanes.delete(lane);
  }
}

/** Of key, value and headers. */
export function bytesOf({ key, value, headers }: OutgoingRecord): number {
  return headers.reduce(
    (sum, [name, text]) => sum + name.length + (text?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  );
}
