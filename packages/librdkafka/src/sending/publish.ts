import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import type { Connection } from '../connection/connection.js';
import { fetchMetadata } from '../connection/metadata.js';
import { CODES, codeOf } from '../errors/codes.js';
import type { ProducerHandle } from './producer.js';

/** librdkafka looks for new topics and partitions by itself only after minutes. */
const STALE_METADATA: readonly number[] = [CODES.UNKNOWN_PARTITION, CODES.UNKNOWN_TOPIC];
/** With this a producer refuses everything from now on; a new one does not. */
const PRODUCER_AT_FAULT: readonly number[] = [CODES.FATAL];
/** How records fail that a producer had when librdkafka gave it up, or that come after. */
const BY_FATAL_ERROR: readonly number[] = [CODES.FATAL, CODES.PURGE_QUEUE, CODES.PURGE_INFLIGHT];

/** One outcome for each record of a batch of one partition, in the same order. Never rejects. */
export async function publish(
  producer: Connection<ProducerHandle>,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  const [first] = records;
  if (first === undefined) return [];
  try {
    const handle = await producer.ready();
    let outcomes = await handle.deliveries.send(records);
    // Neither kind has been taken by librdkafka at all, so nothing is doubled by a second send.
    if (failedWith(outcomes, STALE_METADATA).length > 0 && (await isKnownNow(handle, first)))
      outcomes = await again(handle, records, outcomes, STALE_METADATA);
    if (failedWith(outcomes, PRODUCER_AT_FAULT).length === 0) return withReason(handle, outcomes);
    producer.retire(handle);
    const next = await producer.ready();
    return withReason(next, await again(next, records, outcomes, PRODUCER_AT_FAULT));
  } catch (error) {
    return records.map(() => ({ written: false, error }));
  }
}

/** Sends those records again that have failed with these codes. */
async function again(
  { deliveries }: ProducerHandle,
  records: readonly OutgoingRecord[],
  before: readonly PublishOutcome[],
  codes: readonly number[],
): Promise<readonly PublishOutcome[]> {
  const failed = failedWith(before, codes);
  const sent = await deliveries.send(failed.map((index) => records[index] as OutgoingRecord));
  const outcomes = [...before];
  for (const [i, index] of failed.entries()) outcomes[index] = sent[i] as PublishOutcome;
  return outcomes;
}

/** The outcomes with the reason of a fatal error in place of what it did to each record. */
function withReason(
  { fatal }: ProducerHandle,
  outcomes: readonly PublishOutcome[],
): readonly PublishOutcome[] {
  const failed = fatal === undefined ? [] : failedWith(outcomes, BY_FATAL_ERROR);
  if (failed.length === 0) return outcomes;
  return outcomes.map((outcome, i) => (failed.includes(i) ? { written: false, error: fatal } : outcome));
}

/** Fetches the metadata of a partition that is said not to be there: is it, after all? */
async function isKnownNow(handle: ProducerHandle, { topic, partition }: OutgoingRecord): Promise<boolean> {
  const partitions = await fetchMetadata(handle, topic).catch(() => []);
  return partition < partitions.length;
}

function failedWith(outcomes: readonly PublishOutcome[], codes: readonly number[]): readonly number[] {
  return [...outcomes.keys()].filter((index) => {
    const outcome = outcomes[index] as PublishOutcome;
    return !outcome.written && codes.includes(codeOf(outcome.error) as number);
  });
}
