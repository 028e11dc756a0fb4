import { longestSilence } from '../check/offline-rule.js';
import type { BrokerKill } from '../faults/timeline.js';
import type { ProcessHistory, TriedEntry } from '../history/entry.js';
import { RETURNS } from '../plan/topics.js';

/** How the consumers came over the kill of a broker. Times are in ms. */
export interface Recovery {
  readonly kill: BrokerKill;
  /** Until all partitions had leaders again and the coordinator answered. */
  readonly failover: number;
  /** The longest time without a handled record of the source, over all partitions together. */
  readonly silence: number;
  /** The same for the partition that was silent longest. */
  readonly partitionSilence: number;
  /** The longest time from a record's being written to its being tried, without the cluster's failover in it. */
  readonly longestDelay: number;
}

/**
 * Measured from each kill until the cluster is whole again, by topics that have replicas. A partition's silence
 * includes the producer's own recovery: without new records there is nothing to handle.
 */
export function recoveries(kills: readonly BrokerKill[], histories: readonly ProcessHistory[]): Recovery[] {
  const attempts = histories
    .flatMap(({ entries }) => entries)
    .filter((entry): entry is TriedEntry => entry.kind === 'tried' && isMeasured(entry))
    .sort((a, b) => a.at - b.at);
  return kills.map((kill) => {
    const seen = attempts.filter(({ at }) => at >= kill.at && at <= kill.whole);
    const partitions = new Set(attempts.filter(({ at }) => at < kill.at).map(({ partition }) => partition));
    const silences = [...partitions].map((partition) =>
      longestSilence(
        kill,
        seen.filter((entry) => entry.partition === partition).map(({ at }) => at),
      ),
    );
    return {
      kill,
      failover: kill.failedOver - kill.at,
      silence: longestSilence(
        kill,
        seen.map(({ at }) => at),
      ),
      partitionSilence: Math.max(0, ...silences),
      longestDelay: seen.reduce(
        (longest, { at, written }) => Math.max(longest, at - Math.max(written, kill.failedOver)),
        0,
      ),
    };
  });
}

function isMeasured({ tier, partition }: TriedEntry): boolean {
  return tier === 0 && !partition.startsWith(`${RETURNS} `);
}
