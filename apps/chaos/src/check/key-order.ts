import type { TriedEntry } from '../history/entry.js';
import type { Ledger } from './ledger.js';
import { type Life, listIn } from './lives.js';

/**
 * Of one log, in one life, records of one key are tried in the order of their offsets, and never two at once: a record's tries in
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

function byKey({ tries }: Life, early: ReadonlySet<number> | undefined): Map<string, TriedEntry[]> {
  const keys = new Map<string, TriedEntry[]>();
  for (const [offset, entries] of tries)
    if (!early?.has(offset)) for (const entry of entries) listIn(keys, entry.key).push(entry);
  return keys;
}

function faultsOf(tries: readonly TriedEntry[]): string[] {
  const inTurn = [...tries].sort((a, b) => a.started - b.started);
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
