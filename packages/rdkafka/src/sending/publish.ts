import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import type { Connection } from '../connection/connection.js';
import { fetchMetadata } from '../connection/metadata.js';
import { CODES, codeOf } from '../errors.js';
import type { ProducerHandle } from './producer.js';
import { sendApart } from './send-apart.js';

/** With these a producer refuses everything from now on; a new one does not. */
const PRODUCER_AT_FAULT: ReadonlySet<number | undefined> = new Set([CODES.FATAL]);
/** librdkafka looks for new topics and partitions by itself only after minutes. */
const STALE_METADATA: ReadonlySet<number | undefined> = new Set([
  CODES.UNKNOWN_PARTITION,
  CODES.UNKNOWN_TOPIC,
]);

/** One outcome for each record, in the same order. Never rejects. */
export async function publish(
  producer: Connection<ProducerHandle>,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  try {
    const handle = await producer.ready();
    let outcomes = await sendApart(handle.deliveries, records);
    if (outcomes.every(({ written }) => written)) return outcomes;
    // Neither kind has been taken by librdkafka at all, so nothing is doubled by a second try.
    if (failuresWith(outcomes, STALE_METADATA).length > 0) {
      outcomes = await again(handle, records, outcomes, await knownNow(handle, records, outcomes));
    }
    const refused = failuresWith(outcomes, PRODUCER_AT_FAULT);
    if (refused.length === 0) return outcomes;
    producer.retire(handle);
    return await again(await producer.ready(), records, outcomes, refused);
  } catch (error) {
    return records.map(() => ({ written: false, error }));
  }
}

/** Sends some of the records again. */
async function again(
  { deliveries }: ProducerHandle,
  records: readonly OutgoingRecord[],
  before: readonly PublishOutcome[],
  indexes: readonly number[],
): Promise<readonly PublishOutcome[]> {
  const outcomes = [...before];
  const sent = await sendApart(
    deliveries,
    indexes.map((index) => records[index] as OutgoingRecord),
  );
  indexes.forEach((index, i) => {
    outcomes[index] = sent[i] as PublishOutcome;
  });
  return outcomes;
}

/** Fetches the metadata of partitions that are said not to be there: which of the records have one after all? */
async function knownNow(
  handle: ProducerHandle,
  records: readonly OutgoingRecord[],
  outcomes: readonly PublishOutcome[],
): Promise<readonly number[]> {
  const unknown = failuresWith(outcomes, STALE_METADATA);
  const counts = new Map<string, number>();
  for (const topic of new Set(unknown.map((index) => records[index]?.topic as string))) {
    const partitions = await fetchMetadata(handle, topic).catch(() => []);
    counts.set(topic, partitions.length);
  }
  return unknown.filter((index) => {
    const { topic, partition } = records[index] as OutgoingRecord;
    return partition < (counts.get(topic) as number);
  });
}

function failuresWith(
  outcomes: readonly PublishOutcome[],
  codes: ReadonlySet<number | undefined>,
): readonly number[] {
  return [...outcomes.keys()].filter((index) => {
    const outcome = outcomes[index] as PublishOutcome;
    return !outcome.written && codes.has(codeOf(outcome.error));
  });
}
