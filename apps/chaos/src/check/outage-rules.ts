import type { Outage } from '../faults/timeline.js';
import type { ProcessHistory } from '../history/entry.js';
import { BREAKER } from '../plan/breaker.js';
import { placeOf, SOURCES } from '../plan/topics.js';
import type { Ledger } from './ledger.js';

/** After the end of an outage, ms: breakers try again, and close. */
const CLOSES_WITHIN = 15_000;

/**
 * Once the service has been away for a window, a member's breaker lets through what cannot open it (less than
 * `minAttempts` in a window), what runs when it opens, and a trial each time that it has been open for `openFor`.
 */
export function triedInVain({ evidence }: Ledger): string[] {
  const { outages, histories, concurrency } = evidence;
  return outages.flatMap((outage) =>
    // Whoever comes meanwhile has yet to learn of it.
    histories
      .filter(({ entries }) => (entries[0]?.at ?? outage.to) < outage.from)
      .flatMap((history) =>
        SOURCES.flatMap(({ topic, partitions }) => {
          const times = triesOf(history, topic, outage);
          const most = mostOf(outage) + concurrency * partitions;
          return times <= most ? [] : [`${topic}, by ${history.process}: ${times} times, ${most} at most`];
        }),
      ),
  );
}

function mostOf({ from, to }: Outage): number {
  const windows = Math.max(1, Math.ceil((to - from) / BREAKER.window) - 1);
  return windows * BREAKER.minAttempts + Math.ceil((to - from) / BREAKER.openFor);
}

/** Attempts of a source and its tiers that failed since the service was away, after the first window of it. */
function triesOf({ entries }: ProcessHistory, source: string, { from, to }: Outage): number {
  return entries.filter(
    (entry) =>
      entry.kind === 'tried' &&
      entry.away &&
      entry.at >= from + BREAKER.window &&
      entry.at <= to &&
      placeOf(entry.partition.slice(0, entry.partition.indexOf(' '))).source === source,
  ).length;
}

/** In each outage the breaker of some member opens, and after it closes again. */
export function breakersUnmoved({ evidence }: Ledger): string[] {
  const { outages, histories } = evidence;
  const moves = histories.flatMap(({ process, entries }) =>
    entries.flatMap((entry) => (entry.kind === 'breaker' ? [{ ...entry, process }] : [])),
  );
  return outages.flatMap(({ from, to }) => {
    const opened = moves.filter(({ isOpen, at }) => isOpen && at >= from && at <= to);
    const closed = opened.some(({ process, source, at }) =>
      moves.some(
        (move) =>
          !move.isOpen &&
          move.process === process &&
          move.source === source &&
          move.at > Math.max(at, to) &&
          move.at <= to + CLOSES_WITHIN,
      ),
    );
    return closed
      ? []
      : [`the one of ${((to - from) / 1_000).toFixed(1)} s: ${opened.length} opened, none closed`];
  });
}
