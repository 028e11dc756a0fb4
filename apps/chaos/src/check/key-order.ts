import type { TriedEntry } from '../history/entry.js';
import { DEAD, placeOf, topicAt } from '../plan/topics.js';
import { copiesOf, copyKey, type Ledger } from './ledger.js';
import { type Life, listIn } from './lives.js';
import type { StoredRecord } from './stored-record.js';

/**
 * Of one log, in one life, records of one key are tried in the order of their offsets, and never two at once: a record's attempts in
 * place come before the next record's first one. So it is in a source and in a tier, each by itself. Between them there is no order: what a
 * tier waits for is overtaken by what comes later. Another life begins at the committed offset again.
 */
export function keysOutOfOrder({ lives, comings }: Ledger): string[] {
  return [...lives].flatMap(([log, list]) => {
    // Until its members have noticed that a topic was made again, they may begin it twice.
    const early = comings.get(log)?.early;
    return list.flatMap((life) => [...byKey(life, early).values()].flatMap(faultsOf));
  });
}

function byKey({ attempts }: Life, early: ReadonlySet<number> | undefined): Map<string, TriedEntry[]> {
  const keys = new Map<string, TriedEntry[]>();
  for (const [offset, entries] of attempts)
    if (!early?.has(offset)) for (const entry of entries) listIn(keys, entry.key).push(entry);
  return keys;
}

function faultsOf(attempts: readonly TriedEntry[]): string[] {
  const inTurn = [...attempts].sort((a, b) => a.started - b.started);
  return inTurn.flatMap((entry, i) => {
    const before = inTurn[i - 1];
    if (before === undefined) return [];
    const { partition, key, offset } = entry;
    if (entry.started < before.ended)
      return [`${partition}, ${key}: offset ${offset} began while ${before.offset} was tried`];
    if (offset < before.offset) return [`${partition}, ${key}: offset ${offset} after ${before.offset}`];
    return [];
  });
}

/**
 * Where the order of keys is kept through tiers: a record is tried when all that came before it in its partition, of its key, have passed,
 * or are dead letters. Of partitions that an administrator has set back, and of topics made again, nothing can be said.
 */
export function overtakenInTiers(ledger: Ledger): string[] {
  const { evidence, resets } = ledger;
  if (!evidence.keepKeyOrder) return [];
  const spoiled = new Set([
    ...evidence.remade.map(({ topic }) => topic),
    ...resets.flatMap(({ partitions }) =>
      [...partitions.keys()].map((log) => placeOf(log.slice(0, log.indexOf(' '))).source),
    ),
  ]);
  const keys = new Map<string, StoredRecord[]>();
  for (const record of ledger.sources.values())
    if (!spoiled.has(record.topic))
      listIn(keys, `${record.topic} ${record.partition} ${record.key}`).push(record);
  const times = timesOf(ledger);
  return [...keys.values()].flatMap((records) => {
    let ended = Number.NEGATIVE_INFINITY;
    let last: StoredRecord | undefined;
    return records
      .sort((a, b) => a.offset - b.offset)
      .flatMap((record) => {
        const { first, end } = times(record);
        const before = last;
        const isEarly = first < ended;
        const behind = ended;
        if (end >= ended) [ended, last] = [end, record];
        if (!isEarly || before === undefined) return [];
        const { topic, partition, key, offset } = record;
        return [
          `${topic} ${partition}, ${key}: offset ${offset} at ${first}, ${before.offset} ended at ${behind}`,
        ];
      });
  });
}

/** When a record was tried first, and when it ended, ms since 1970: infinity if never. */
function timesOf(ledger: Ledger): (record: StoredRecord) => { readonly first: number; readonly end: number } {
  const earliest = (times: readonly number[]) =>
    times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const dead = new Map<string, number[]>();
  const first = new Map<string, number>();
  for (const { entries } of ledger.evidence.histories) {
    for (const entry of entries) {
      if (entry.kind === 'handed off') listIn(dead, copyKey(entry.topic, entry.origin)).push(entry.at);
      else if (entry.kind === 'tried')
        first.set(entry.origin, Math.min(first.get(entry.origin) ?? Number.POSITIVE_INFINITY, entry.at));
    }
  }
  return ({ topic, origin }) => {
    const letters = topicAt(topic, DEAD);
    const passed = (ledger.passes.get(origin) ?? []).map(({ at }) => at);
    // Whoever has written it may have died before it could say so.
    const told =
      dead.get(copyKey(letters, origin)) ??
      copiesOf(ledger, letters, origin).map(({ timestamp }) => timestamp);
    return { first: first.get(origin) ?? Number.POSITIVE_INFINITY, end: earliest([...passed, ...told]) };
  };
}
