import { DEAD, placeOf, topicAt } from '../plan/topics.js';
import { againOf, type Bound, boundOf } from './bound.js';
import type { Evidence } from './evidence.js';
import { copiesOf, type Ledger, ledgerOf } from './ledger.js';
import { RULES } from './rules.js';

/** A rule that is broken. */
export interface Fault {
  readonly rule: string;
  /** Each record, or copy, that breaks it. */
  readonly cases: readonly string[];
}

/** What became of the records. */
export interface Verdict {
  /** Different records in the sources, and those that were committed or copied before their topic was deleted. */
  readonly produced: number;
  /** Others that went with their topic, as far as they are known. */
  readonly gone: number;
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
  const names = new Set<string>();
  const handled = new Set<string>();
  const deadLettered = new Set<string>();
  for (const { name, origin, topic } of ledger.due.values()) {
    names.add(name);
    if (ledger.passes.has(origin)) handled.add(name);
    if (copiesOf(ledger, topicAt(placeOf(topic).source, DEAD), origin).length > 0) deadLettered.add(name);
  }
  const gone = [...ledger.gone.values()].filter(({ origin }) => !ledger.due.has(origin)).length;
  return {
    produced: names.size,
    gone,
    producedTwice: ledger.due.size - names.size,
    handled: handled.size,
    deadLettered: deadLettered.size,
    lost: faults.find(({ rule }) => rule === 'lost')?.cases.length ?? 0,
    again: againOf(ledger),
    bound: boundOf(ledger),
    faults,
    ledger,
  };
}
