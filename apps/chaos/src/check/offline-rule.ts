import type { BrokerKill } from '../faults/timeline.js';
import type { Entry, ProcessHistory } from '../history/entry.js';
import { RETURNS } from '../plan/topics.js';
import { formatSeconds } from '../report/format.js';
import type { Ledger } from './ledger.js';

/** Beyond the cluster's own failover, ms. */
const SILENCE_LIMIT = 10_000;
/**
 * ms. The partitions of a topic that was made again so shortly before are not held to that: what librdkafka knows of them may
 * be out of date, which takes up to 20 s to be seen.
 */
const MADE_AGAIN_WITHIN = 20_000;

/**
 * While partitions without replicas are offline, all others flow: each partition of a source that has replicas, and
 * hand-offs as a whole, since of one partition there are too few. A source that a circuit breaker holds meanwhile goes on one by
 * one: it is not held to that.
 */
export function silentBesideOffline({ evidence }: Ledger): string[] {
  const entries = evidence.histories.flatMap((history) => history.entries);
  const isFresh = (flow: string, { at }: BrokerKill) =>
    evidence.remade.some(
      ({ topic, back }) => flow.startsWith(`${topic} `) && back <= at && at - back < MADE_AGAIN_WITHIN,
    );
  const holds = evidence.histories.flatMap(holdsOf);
  const isHeld = (flow: string, { at, whole }: BrokerKill) =>
    holds.some(({ source, from, to }) => flow.startsWith(`${source} `) && from < whole && to > at);
  const flows = new Map<string, number[]>();
  const add = (flow: string, at: number) => {
    const times = flows.get(flow);
    if (times === undefined) flows.set(flow, [at]);
    else times.push(at);
  };
  for (const entry of entries) {
    const flow = flowOf(entry);
    if (flow !== undefined) add(flow, entry.at);
  }
  return evidence.brokerKills
    .filter(({ offline }) => offline)
    .flatMap((kill) =>
      [...flows].flatMap(([flow, times]) => {
        // A topic that is made again later may be wider.
        if (times.every((time) => time > kill.at) || isFresh(flow, kill) || isHeld(flow, kill)) return [];
        const silence = longestSilence(kill, times);
        const isLong = silence - (kill.failedOver - kill.at) > SILENCE_LIMIT;
        return isLong ? [`${flow}, for ${formatSeconds(silence)} with broker ${kill.node} away`] : [];
      }),
    );
}

interface Hold {
  readonly source: string;
  readonly from: number;
  readonly to: number;
}

/** When a process's circuit breakers were open; what it left open was so until its end. */
function holdsOf({ entries }: ProcessHistory): Hold[] {
  const moves = entries.filter((entry) => entry.kind === 'breaker');
  const end = entries.at(-1)?.at ?? 0;
  return moves
    .filter(({ isOpen }) => isOpen)
    .map(({ source, at }) => {
      const closed = moves.find((move) => !move.isOpen && move.source === source && move.at >= at);
      return { source, from: at, to: closed?.at ?? end };
    });
}

function flowOf(entry: Entry): string | undefined {
  if (entry.kind === 'handed off') return 'hand-offs';
  const isSteady = entry.kind === 'tried' && entry.tier === 0 && !entry.partition.startsWith(`${RETURNS} `);
  return isSteady ? entry.partition : undefined;
}

/** The longest time without an entry between the kill and the cluster's being whole, ms. */
export function longestSilence({ at, whole }: BrokerKill, times: readonly number[]): number {
  const within = times.filter((time) => time > at && time < whole).sort((a, b) => a - b);
  return [...within, whole].reduce(
    ({ longest, last }, time) => ({ longest: Math.max(longest, time - last), last: time }),
    { longest: 0, last: at },
  ).longest;
}
