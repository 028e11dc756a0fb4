import { DEAD_LETTERS } from '../plan/topics.js';
import type { Evidence } from './evidence.js';
import { type Bound, boundOf, copiesOf, type Ledger, ledgerOf } from './ledger.js';
import { againOf, RULES } from './rules.js';

/** A rule that is broken. */
export interface Fault {
  readonly rule: string;
  /** Each record, or copy, that breaks it. */
  readonly cases: readonly string[];
}

/** What became of the records. */
export interface Verdict {
  /** Different records in the source. */
  readonly produced: number;
  /** Of them, those that were written more than once, because an acknowledgement was lost. */
  readonly producedTwice: number;
  readonly handled: number;
  readonly deadLettered: number;
  readonly lost: number;
  /** Ends beyond one for each record. */
  readonly again: number;
  readonly bound: Bound;
  readonly faults: readonly Fault[];
  /** For the summary: what each life has left. */
  readonly ledger: Ledger;
}

/** Counts every record and tries every rule. */
export function judge(evidence: Evidence): Verdict {
  const ledger = ledgerOf(evidence);
  const faults = Object.entries(RULES)
    .map(([rule, check]) => ({ rule, cases: check(ledger) }))
    .filter(({ cases }) => cases.length > 0);
  const keys = new Set<string>();
  const handled = new Set<string>();
  const deadLettered = new Set<string>();
  for (const { key, origin } of ledger.source.values()) {
    keys.add(key);
    if (ledger.passes.has(origin)) handled.add(key);
    if (copiesOf(ledger, DEAD_LETTERS, origin).length > 0) deadLettered.add(key);
  }
  return {
    produced: keys.size,
    producedTwice: evidence.source.length - keys.size,
    handled: handled.size,
    deadLettered: deadLettered.size,
    lost: faults.find(({ rule }) => rule === 'lost')?.cases.length ?? 0,
    again: againOf(ledger),
    bound: boundOf(ledger),
    faults,
    ledger,
  };
}
