import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import { CODES, codeOf } from '@velo/librdkafka';
import type { Connection } from '../connection/connection.js';
import { fetchMetadata } from '../connection/metadata.js';
import type { ProducerHandle } from './producer.js';

/** librdkafka looks for new topics and partitions by itself only after minutes. */
const STALE_METADATA: readonly number[] = [CODES.UNKNOWN_PARTITION, CODES.UNKNOWN_TOPIC];
/** With this a producer refuses everything from now on; a new one does not. */
const PRODUCER_AT_FAULT: readonly number[] = [CODES.FATAL];

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
    // Neither kind has been taken by librdkafka at all, so nothing is doubled by a second try.
    if (failedWith(outcomes, STALE_METADATA).length > 0 && (await isKnownNow(handle, first)))
      outcomes = await again(handle, records, outcomes, STALE_METADATA);
    if (failedWith(outcomes, PRODUCER_AT_FAULT).length === 0) return outcomes;
    producer.retire(handle);
    return await again(await producer.ready(), records, outcomes, PRODUCER_AT_FAULT);
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
