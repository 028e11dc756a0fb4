import { nameOf } from '../plan/records.js';
import type { Evidence } from './evidence.js';

/** ms. Records for a partition without a leader run out of time again and again, each 10 s. */
const WITHIN = 15_000;
const TIMED_OUT = /timed out/i;

/**
 * Records that were on their way while librdkafka numbered its records anew. Where some have run out of time, their partition's
 * numbers have a gap; the broker refuses what follows, and librdkafka begins a new epoch for all partitions. What is sent again then,
 * since a connection broke or a leader moved, has another number than what may have been written, so that no broker sees that it is the
 * same. (`rd_kafka_idemp_drain_epoch_bump`; its log has shown it in two of two cases.)
 */
export function renumberedRecords({ renumbers, producer }: Evidence): ReadonlySet<string> {
  const names = new Set<string>();
  if (!renumbers) return names;
  const ranOut = producer.entries.flatMap((entry) =>
    entry.kind === 'unacknowledged' && TIMED_OUT.test(entry.error) ? [entry.at] : [],
  );
  for (const entry of producer.entries) {
    if (entry.kind !== 'acknowledged') continue;
    if (ranOut.some((at) => at > entry.began - WITHIN && at <= entry.at))
      for (const id of entry.ids) names.add(nameOf(id));
  }
  return names;
}
