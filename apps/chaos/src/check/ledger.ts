import type { TriedEntry } from '../history/entry.js';
import { DEAD_LETTERS, TIERS } from '../plan/topics.js';
import type { Evidence, StoredRecord } from './evidence.js';
import { type Life, listIn, livesOf, uncommitted } from './lives.js';

/** One life's tries of one record of one topic. */
export interface Visit {
  readonly life: Life;
  readonly offset: number;
  readonly tries: readonly TriedEntry[];
}

/** The evidence, ordered by what the rules ask for. */
export interface Ledger {
  readonly evidence: Evidence;
  /** The source's records by origin. */
  readonly source: ReadonlyMap<string, StoredRecord>;
  /** By topic and origin, see `copyKey`. */
  readonly copies: ReadonlyMap<string, readonly StoredRecord[]>;
  readonly lives: ReadonlyMap<string, readonly Life[]>;
  /** By origin and tier, see `visitKey`. */
  readonly visits: ReadonlyMap<string, readonly Visit[]>;
  /** Sends without an acknowledgement, by topic and origin (new records: by key). */
  readonly unacknowledged: ReadonlyMap<string, number>;
  /** Tries that passed, by origin. */
  readonly passes: ReadonlyMap<string, readonly TriedEntry[]>;
}

export const copyKey = (topic: string, origin: string) => `${topic} ${origin}`;
export const visitKey = (origin: string, tier: number) => `${origin} ${tier}`;

export function ledgerOf(evidence: Evidence): Ledger {
  const { histories, producer } = evidence;
  const copies = new Map<string, StoredRecord[]>();
  for (const copy of evidence.copies) listIn(copies, copyKey(copy.topic, copy.origin)).push(copy);
  const unacknowledged = new Map<string, number>();
  const passes = new Map<string, TriedEntry[]>();
  for (const { entries } of [...histories, producer]) {
    for (const entry of entries) {
      if (entry.kind === 'unacknowledged') {
        const key = copyKey(entry.topic, entry.record);
        unacknowledged.set(key, (unacknowledged.get(key) ?? 0) + 1);
      } else if (entry.kind === 'tried' && entry.passed) listIn(passes, entry.origin).push(entry);
    }
  }
  const lives = livesOf(histories);
  return {
    evidence,
    source: new Map(evidence.source.map((record) => [record.origin, record])),
    copies,
    lives,
    visits: visitsOf(lives),
    unacknowledged,
    passes,
  };
}

function visitsOf(lives: ReadonlyMap<string, readonly Life[]>): Map<string, Visit[]> {
  const visits = new Map<string, Visit[]>();
  for (const list of lives.values()) {
    for (const life of list) {
      for (const [offset, tries] of life.tries) {
        const [{ origin, tier }] = tries as [TriedEntry];
        listIn(visits, visitKey(origin, tier)).push({ life, offset, tries });
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
export function endsOf(ledger: Ledger, origin: string): number {
  return (ledger.passes.get(origin)?.length ?? 0) + copiesOf(ledger, DEAD_LETTERS, origin).length;
}

/** How much may have been done again, in records. */
export interface Bound {
  /** Tried and not committed when a partition was taken from a process, or the process was killed. */
  readonly uncommitted: number;
  /** Copies that are there more than once, and of which a send was not acknowledged. */
  readonly lostAcknowledgements: number;
}

/**
 * Each record that a life leaves uncommitted may come to one more end, and so may each copy that was written twice
 * because nobody heard of the first. Nothing else may.
 */
export function boundOf({ lives, copies, unacknowledged }: Ledger): Bound {
  let left = 0;
  for (const list of lives.values()) {
    // After the last life nobody came to do anything again.
    for (const life of list.slice(0, -1)) left += uncommitted(life).length;
  }
  let lost = 0;
  for (const [key, list] of copies) lost += Math.min(list.length - 1, unacknowledged.get(key) ?? 0);
  return { uncommitted: left, lostAcknowledgements: lost };
}

/** The tier whose failures fill a topic: the source for the first tier and so on. */
export function tierBefore(topic: string): number {
  return TIERS.indexOf(topic as (typeof TIERS)[number]);
}
