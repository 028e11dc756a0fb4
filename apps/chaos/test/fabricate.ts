import type { Evidence } from '../src/check/evidence.js';
import type { OffsetsReset, TopicRemade } from '../src/check/interventions.js';
import type { StoredRecord } from '../src/check/stored-record.js';
import type { BrokerKill, Outage } from '../src/faults/timeline.js';
import type { Entry, ProcessHistory } from '../src/history/entry.js';
import { originAt } from '../src/history/origin.js';
import { endOf, type Fate, fails, fateOf } from '../src/plan/fates.js';
import { keyOf, nameOf, textOf, topicOf } from '../src/plan/records.js';
import {
  DEAD,
  isSource,
  MAX_ATTEMPTS,
  ORDERS,
  PARCELS,
  placeOf,
  TIER_WAITS,
  topicAt,
} from '../src/plan/topics.js';

export const SEED = 7;
export const LAST_TIER: number = TIER_WAITS.length;

/** The numbers of the first records of a topic with these fates. */
export function idsOf(topic: string, ...fates: Fate[]): number[] {
  const found: number[] = [];
  for (const fate of fates) {
    let id = 0;
    while (fateOf(SEED, id) !== fate || topicOf(id) !== topic || found.includes(id)) id++;
    found.push(id);
  }
  return found;
}

/** Where a record of the source was, and who tries it. */
interface At {
  readonly topic?: string;
  readonly offset: number;
  /** The offset in the source. */
  readonly origin?: number;
  readonly passed?: boolean;
  /** The service was away. @default false */
  readonly away?: boolean;
  /** @default its own */
  readonly key?: string | undefined;
  /** A step of before. @default the next one */
  readonly started?: number | undefined;
}

/** A run that is made up: partition 0 of each topic, one record after the other, by members that a test names. */
export class Fabrication {
  handOff: Evidence['handOff'] = 'at-least-once';
  renumbers = false;
  mixed = false;
  onlyBrokers = false;
  keepKeyOrder = false;
  readonly sources: StoredRecord[] = [];
  readonly copies: StoredRecord[] = [];
  readonly resets: OffsetsReset[] = [];
  readonly remade: TopicRemade[] = [];
  readonly brokerKills: BrokerKill[] = [];
  readonly outages: Outage[] = [];
  readonly #members = new Map<string, Entry[]>();
  readonly #producer: Entry[] = [];
  readonly #ends = new Map<string, number>();
  now = 1_000;
  #steps = 0;

  /** Produces a record; gives its offset. */
  produce(id: number, topic: string = ORDERS): number {
    const offset = this.#next(topic);
    this.sources.push(stored(topic, offset, id, originAt(topic, 0, offset, nameOf(id))));
    this.#producer.push({ kind: 'acknowledged', at: this.now++, ids: [id], began: this.now - 1 });
    return offset;
  }

  unacknowledged(topic: string, record: string): void {
    this.#producer.push({ kind: 'unacknowledged', at: this.now++, topic, record, error: 'timed out' });
  }

  /** The member owns these topics' partitions from now on. */
  assign(member: string, ...topics: string[]): void {
    const entries = this.#entries(member);
    const partitions = topics.map((topic) => `${topic} 0`);
    entries.push({ kind: 'assigned', at: this.now++, turn: this.#turn(member) + 1, partitions });
  }

  commit(member: string, topic: string, offset: number): void {
    const offsets = { [`${topic} 0`]: offset };
    this.#entries(member).push({ kind: 'committed', at: this.now++, turn: this.#turn(member), offsets });
  }

  /** One attempt of a record of the source at `offset`, where it stands in `topic`. */
  attempt(member: string, id: number, at: At): void {
    const { topic = ORDERS, offset, origin = offset } = at;
    const { source, tier } = placeOf(topic);
    this.#entries(member).push({
      kind: 'tried',
      at: this.now++,
      turn: this.#turn(member),
      partition: `${topic} 0`,
      offset,
      origin: originAt(source, 0, origin, nameOf(id)),
      id,
      key: at.key ?? keyOf(id),
      started: at.started ?? this.#steps++,
      ended: this.#steps++,
      tier,
      passed: at.passed ?? (!at.away && !fails(fateOf(SEED, id), tier, 1)),
      away: at.away,
      written: this.now,
    });
  }

  /** A copy of the record at `origin` of the source; gives its offset. */
  copy(id: number, topic: string, origin: number, change: Partial<StoredRecord> = {}): number {
    const offset = this.#next(topic);
    const first = originAt(placeOf(topic).source, 0, origin, nameOf(id));
    this.copies.push({ ...stored(topic, offset, id, first), ...change });
    return offset;
  }

  handOffTo(member: string, topic: string, origin: number, id: number): void {
    this.#entries(member).push({
      kind: 'handed off',
      at: this.now++,
      turn: this.#turn(member),
      partition: `${placeOf(topic).source} 0`,
      offset: origin,
      origin: originAt(placeOf(topic).source, 0, origin, nameOf(id)),
      topic,
    });
  }

  /**
   * All of a record's life in one member, as it must be: attempts, copies, the end.
   *
   * @param tiers how many the member knows
   */
  handle(
    member: string,
    id: number,
    offset: number,
    source: string = ORDERS,
    tiers: number = LAST_TIER,
  ): void {
    const fate = fateOf(SEED, id);
    const end = endOf(fate);
    const isPermanent = end.end === 'dead-lettered' && end.reason === 'permanent';
    let at = offset;
    for (let tier = 0; tier <= tiers; tier++) {
      const topic = topicAt(source, tier);
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const passed = !fails(fate, tier, attempt);
        this.attempt(member, id, { topic, offset: at, origin: offset, passed });
        if (passed) return;
        if (isPermanent) break;
      }
      if (tier === tiers || isPermanent) {
        const attempts = isPermanent ? 1 : MAX_ATTEMPTS * (tier + 1);
        this.copy(id, topicAt(source, DEAD), offset, { attempts });
        return;
      }
      at = this.copy(id, topicAt(source, tier + 1), offset);
    }
  }

  /** The circuit breaker of the orders opens, or closes. */
  breaker(member: string, isOpen: boolean): void {
    this.#entries(member).push({ kind: 'breaker', at: this.now++, source: ORDERS, isOpen });
  }

  /** The guard of the orders has tripped. */
  guarded(member: string): void {
    this.#entries(member).push({ kind: 'guarded', at: this.now++, source: ORDERS });
  }

  /** An administrator sets the offset of partition 0. */
  reset(topic: string, from: number, wanted = true): void {
    this.resets.push({ at: this.now++, partitions: new Map([[`${topic} 0`, { from, wanted }]]) });
  }

  /** The parcels are deleted, with all that is in them, and made again. */
  remake(committed: number): void {
    const isParcel = ({ topic }: StoredRecord) => topic === PARCELS;
    const records = this.sources.filter(isParcel);
    this.sources.splice(0, this.sources.length, ...this.sources.filter((record) => !isParcel(record)));
    this.#ends.delete(PARCELS);
    const at = this.now++;
    this.remade.push({ topic: PARCELS, at, back: this.now++, records, committed: new Map([[0, committed]]) });
  }

  evidence(): Evidence {
    const histories: ProcessHistory[] = [...this.#members].map(([process, entries]) => ({
      process,
      entries,
    }));
    const { handOff, renumbers, mixed, onlyBrokers, sources, copies, resets, remade } = this;
    const producer = { process: 'producer', entries: this.#producer };
    return {
      seed: SEED,
      handOff,
      renumbers,
      mixed,
      onlyBrokers,
      histories,
      producer,
      sources,
      copies,
      resets,
      remade,
      brokerKills: this.brokerKills,
      outages: this.outages,
      concurrency: 1,
      keepKeyOrder: this.keepKeyOrder,
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
  const dead = !isSource(topic) && placeOf(topic).tier === DEAD && end.end === 'dead-lettered';
  return {
    topic,
    partition: 0,
    offset,
    name: nameOf(id),
    key: keyOf(id),
    value: textOf(SEED, id),
    origin,
    attempts: dead ? (end.attempts.at(-1) ?? 0) : 0,
    timestamp: 1,
    reason: dead ? end.reason : '',
    message: dead ? `${end.message}: ${id}` : '',
  };
}
