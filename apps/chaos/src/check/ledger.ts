import type { TriedEntry } from '../history/entry.js';
import { DEAD, placeOf, topicAt } from '../plan/topics.js';
import { type Comings, comingsOf } from './comings.js';
import type { Evidence } from './evidence.js';
import type { OffsetsReset } from './interventions.js';
import { type Life, listIn, livesOf } from './lives.js';
import { beginnings, byLog, logAt } from './logs.js';
import type { StoredRecord } from './stored-record.js';

/** One life's attempts of one record of one topic. */
export interface Visit {
  readonly life: Life;
  readonly offset: number;
  readonly attempts: readonly TriedEntry[];
}

/** The evidence, ordered by what the rules ask for. */
export interface Ledger {
  readonly evidence: Evidence;
  /** The sources' records by origin. */
  readonly sources: ReadonlyMap<string, StoredRecord>;
  /** Those of topics that were deleted, by origin, as far as they are known. */
  readonly gone: ReadonlyMap<string, StoredRecord>;
  /** Records that must come to an end, by origin. */
  readonly due: ReadonlyMap<string, StoredRecord>;
  /** By topic and origin, see `copyKey`. */
  readonly copies: ReadonlyMap<string, readonly StoredRecord[]>;
  /** By log, see `byLog`, as are `comings`. */
  readonly lives: ReadonlyMap<string, readonly Life[]>;
  readonly comings: ReadonlyMap<string, Comings>;
  /** Of their partitions' logs. */
  readonly resets: readonly OffsetsReset[];
  /** By topic and origin, as are `copies`. */
  readonly visits: ReadonlyMap<string, readonly Visit[]>;
  /** Sends without an acknowledgement, by topic and origin (new records: by name). */
  readonly unacknowledged: ReadonlyMap<string, number>;
  /** Attempts that passed, by origin. */
  readonly passes: ReadonlyMap<string, readonly TriedEntry[]>;
  /** By origin: the tiers in which an attempt has failed since the service was away. */
  readonly away: ReadonlyMap<string, ReadonlySet<number>>;
}

export const copyKey = (topic: string, origin: string) => `${topic} ${origin}`;

export function ledgerOf(evidence: Evidence): Ledger {
  const { producer, remade } = evidence;
  const histories = byLog(evidence.histories, remade);
  const copies = new Map<string, StoredRecord[]>();
  for (const copy of evidence.copies) listIn(copies, copyKey(copy.topic, copy.origin)).push(copy);
  const unacknowledged = new Map<string, number>();
  const passes = new Map<string, TriedEntry[]>();
  const away = new Map<string, Set<number>>();
  for (const { entries } of [...histories, producer]) {
    for (const entry of entries) {
      if (entry.kind === 'unacknowledged') {
        const key = copyKey(entry.topic, entry.record);
        unacknowledged.set(key, (unacknowledged.get(key) ?? 0) + 1);
      } else if (entry.kind === 'tried' && entry.passed) listIn(passes, entry.origin).push(entry);
      else if (entry.kind === 'tried' && entry.away)
        away.set(entry.origin, (away.get(entry.origin) ?? new Set()).add(entry.tier));
    }
  }
  const resets = evidence.resets.map(({ at, partitions }) => ({
    at,
    partitions: new Map([...partitions].map(([name, one]) => [logAt(name, at, remade), one])),
  }));
  const lives = livesOf(histories, resets);
  const began = beginnings(evidence.histories, remade);
  const sources = new Map(evidence.sources.map((record) => [record.origin, record]));
  const gone = new Map(remade.flatMap(({ records }) => records.map((record) => [record.origin, record])));
  return {
    evidence,
    sources,
    gone,
    due: dueOf(evidence, sources, gone),
    copies,
    lives,
    comings: new Map([...lives].map(([log, list]) => [log, comingsOf(log, list, resets, began.get(log))])),
    resets,
    visits: visitsOf(lives),
    unacknowledged,
    passes,
    away,
  };
}

/**
 * What the sources hold; of what was deleted with its topic, what the group had committed before, and what has a copy in
 * a tier.
 */
function dueOf(
  { remade, copies }: Evidence,
  sources: ReadonlyMap<string, StoredRecord>,
  gone: ReadonlyMap<string, StoredRecord>,
): Map<string, StoredRecord> {
  const due = new Map(sources);
  for (const { records, committed } of remade) {
    for (const record of records)
      if (record.offset < (committed.get(record.partition) ?? 0)) due.set(record.origin, record);
  }
  for (const copy of copies) {
    const original = gone.get(copy.origin);
    if (original !== undefined && placeOf(copy.topic).tier < DEAD) due.set(copy.origin, original);
  }
  return due;
}

function visitsOf(lives: ReadonlyMap<string, readonly Life[]>): Map<string, Visit[]> {
  const visits = new Map<string, Visit[]>();
  for (const list of lives.values()) {
    for (const life of list) {
      for (const [offset, attempts] of life.attempts) {
        const topic = life.partition.slice(0, life.partition.indexOf(' '));
        const [{ origin }] = attempts as [TriedEntry];
        listIn(visits, copyKey(topic, origin)).push({ life, offset, attempts });
      }
    }
  }
  return visits;
}

/** Copies of a record in a topic; of the source there is always one, the record itself. */
export function copiesOf({ copies }: Ledger, topic: string, origin: string): readonly StoredRecord[] {
  return copies.get(copyKey(topic, origin)) ?? [];
}

/** How often a record has come to an end: handled, or a dead letter. Once is right. */
export function endsOf(ledger: Ledger, { origin, topic }: StoredRecord): number {
  const letters = topicAt(placeOf(topic).source, DEAD);
  return (ledger.passes.get(origin)?.length ?? 0) + copiesOf(ledger, letters, origin).length;
}
