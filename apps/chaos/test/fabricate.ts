import type { Evidence, StoredRecord } from '../src/check/evidence.js';
import type { Entry, ProcessHistory } from '../src/history/entry.js';
import { endOf, type Fate, fails, fateOf } from '../src/plan/fates.js';
import { keyOf, textOf } from '../src/plan/records.js';
import { CONSUMED, DEAD_LETTERS, MAX_ATTEMPTS, SOURCE } from '../src/plan/topics.js';

export const SEED = 7;

/** The numbers of the first records with these fates. */
export function idsOf(...fates: Fate[]): number[] {
  const found: number[] = [];
  for (const fate of fates) {
    let id = 0;
    while (fateOf(SEED, id) !== fate || found.includes(id)) id++;
    found.push(id);
  }
  return found;
}

/** A run that is made up: partition 0 of each topic, one record after the other, by members that a test names. */
export class Fabrication {
  handOff: Evidence['handOff'] = 'at-least-once';
  readonly source: StoredRecord[] = [];
  readonly copies: StoredRecord[] = [];
  readonly #members = new Map<string, Entry[]>();
  readonly #producer: Entry[] = [];
  readonly #ends = new Map<string, number>();
  #now = 1_000;

  /** Produces a record; gives its offset. */
  produce(id: number): number {
    const offset = this.#next(SOURCE);
    this.source.push(stored(SOURCE, offset, id, `0 ${offset}`));
    this.#producer.push({ kind: 'acknowledged', at: this.#now++, ids: [id] });
    return offset;
  }

  unacknowledged(topic: string, record: string): void {
    this.#producer.push({ kind: 'unacknowledged', at: this.#now++, topic, record, error: 'timed out' });
  }

  /** The member owns these topics' partitions from now on. */
  assign(member: string, ...topics: string[]): void {
    const entries = this.#entries(member);
    const partitions = topics.map((topic) => `${topic} 0`);
    entries.push({ kind: 'assigned', at: this.#now++, turn: this.#turn(member) + 1, partitions });
  }

  commit(member: string, topic: string, offset: number): void {
    const offsets = { [`${topic} 0`]: offset };
    this.#entries(member).push({ kind: 'committed', at: this.#now++, turn: this.#turn(member), offsets });
  }

  /** One try of a record of the source at `offset`, where it stands in `topic`. */
  try(
    member: string,
    id: number,
    at: { topic?: string; offset: number; origin?: number; passed?: boolean },
  ): void {
    const { topic = SOURCE, offset, origin = offset } = at;
    const tier = CONSUMED.indexOf(topic as (typeof CONSUMED)[number]);
    this.#entries(member).push({
      kind: 'tried',
      at: this.#now++,
      turn: this.#turn(member),
      partition: `${topic} 0`,
      offset,
      origin: `0 ${origin}`,
      id,
      tier,
      passed: at.passed ?? !fails(fateOf(SEED, id), tier, 1),
      written: this.#now,
    });
  }

  /** A copy of the record at `origin` of the source; gives its offset. */
  copy(id: number, topic: string, origin: number, change: Partial<StoredRecord> = {}): number {
    const offset = this.#next(topic);
    this.copies.push({ ...stored(topic, offset, id, `0 ${origin}`), ...change });
    return offset;
  }

  /** All of a record's life in one member, as it must be: tries, copies, the end. */
  handle(member: string, id: number, offset: number): void {
    const fate = fateOf(SEED, id);
    const end = endOf(fate);
    let at = offset;
    for (const [tier, topic] of CONSUMED.entries()) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const passed = !fails(fate, tier, attempt);
        this.try(member, id, { topic, offset: at, origin: offset, passed });
        if (passed) return;
        if (end.end === 'dead-lettered' && end.reason === 'permanent') break;
      }
      const isLast =
        tier === CONSUMED.length - 1 || (end.end === 'dead-lettered' && end.reason === 'permanent');
      if (isLast) {
        this.copy(id, DEAD_LETTERS, offset);
        return;
      }
      at = this.copy(id, CONSUMED[tier + 1] as string, offset);
    }
  }

  evidence(): Evidence {
    const histories: ProcessHistory[] = [...this.#members].map(([process, entries]) => ({
      process,
      entries,
    }));
    const producer = { process: 'producer', entries: this.#producer };
    return {
      seed: SEED,
      handOff: this.handOff,
      histories,
      producer,
      source: this.source,
      copies: this.copies,
    };
  }

  #next(topic: string): number {
    const offset = this.#ends.get(topic) ?? 0;
    this.#ends.set(topic, offset + 1);
    return offset;
  }

  #entries(member: string): Entry[] {
    const entries = this.#members.get(member) ?? [];
    this.#members.set(member, entries);
    return entries;
  }

  #turn(member: string): number {
    return this.#entries(member).filter(({ kind }) => kind === 'assigned').length;
  }
}

function stored(topic: string, offset: number, id: number, origin: string): StoredRecord {
  const end = endOf(fateOf(SEED, id));
  const dead = topic === DEAD_LETTERS && end.end === 'dead-lettered';
  return {
    topic,
    partition: 0,
    offset,
    key: keyOf(id),
    value: textOf(SEED, id),
    origin,
    attempts: dead ? end.attempts : 0,
    reason: dead ? end.reason : '',
    message: dead ? `${end.message}: ${id}` : '',
  };
}
