import { endsOf, type Ledger } from './ledger.js';

/** How much may have been done again, in records, by its reason. */
export interface Bound {
  /** Tried and not committed when a partition was taken from a process, or the process was killed. */
  readonly uncommitted: number;
  /** Copies that are there more than once, and of which a send was not acknowledged. */
  readonly lostAcknowledgements: number;
  /** Tried and brought back by an administrator who set the group's offsets. */
  readonly reset: number;
  /** Tried in a topic that was made again, before its members noticed. */
  readonly remade: number;
}

/**
 * Each record that a life leaves uncommitted may come to one more end, and so may each that an administrator brings
 * back, and each copy that was written twice because nobody heard of the first. Nothing else may.
 */
export function boundOf({ comings, copies, unacknowledged }: Ledger): Bound {
  const sum = (reason: 'uncommitted' | 'reset' | 'remade') =>
    [...comings.values()].reduce((total, one) => total + one[reason], 0);
  let lost = 0;
  for (const [key, list] of copies) lost += Math.min(list.length - 1, unacknowledged.get(key) ?? 0);
  return {
    uncommitted: sum('uncommitted'),
    lostAcknowledgements: lost,
    reset: sum('reset'),
    remade: sum('remade'),
  };
}

export function totalOf(bound: Bound): number {
  return Object.values(bound).reduce((total, count) => total + count, 0);
}

/** How many ends there were beyond one for each record. */
export function againOf(ledger: Ledger): number {
  let again = 0;
  for (const record of ledger.due.values()) again += Math.max(0, endsOf(ledger, record) - 1);
  return again;
}
