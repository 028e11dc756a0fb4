import type { OutgoingRecord, PublishOutcome } from '@velo/retry-core/engine';
import type { Connection } from './connection.js';
import { CODES, codeOf } from './errors.js';
import { fetchMetadata } from './metadata.js';
import type { ProducerHandle } from './producer-handle.js';
import { sendApart } from './send-apart.js';

/** One outcome for each record, in the same order. Never rejects. */
export async function publish(
  producer: Connection<ProducerHandle>,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  let handle: ProducerHandle | undefined;
  try {
    handle = await producer.ready();
    const outcomes = await sendApart(handle.deliveries, records);
    if (outcomes.every(({ written }) => written)) return outcomes;
    if (outcomes.some((outcome) => failedWith(outcome, CODES.FATAL))) {
      // Such a producer refuses everything from now on; a new one does not.
      producer.retire(handle);
      return await again(producer, records, outcomes);
    }
    await refreshTopics(handle, records, outcomes);
    return outcomes;
  } catch (error) {
    return records.map(() => ({ written: false, error }));
  }
}

/** Hands those to a new producer that the old one has not even taken. */
async function again(
  producer: Connection<ProducerHandle>,
  records: readonly OutgoingRecord[],
  before: readonly PublishOutcome[],
): Promise<readonly PublishOutcome[]> {
  const refused = records.filter((_, i) => failedWith(before[i] as PublishOutcome, CODES.FATAL));
  const { deliveries } = await producer.ready();
  const outcomes = [...(await sendApart(deliveries, refused))];
  return before.map((outcome) =>
    failedWith(outcome, CODES.FATAL) ? (outcomes.shift() as PublishOutcome) : outcome,
  );
}

/** A partition that librdkafka does not know may be new: it looks by itself only after minutes. */
async function refreshTopics(
  handle: ProducerHandle,
  records: readonly OutgoingRecord[],
  outcomes: readonly PublishOutcome[],
): Promise<void> {
  const topics = records
    .filter((_, i) => {
      const outcome = outcomes[i] as PublishOutcome;
      return failedWith(outcome, CODES.UNKNOWN_PARTITION) || failedWith(outcome, CODES.UNKNOWN_TOPIC);
    })
    .map(({ topic }) => topic);
  for (const topic of new Set(topics)) await fetchMetadata(handle, topic).catch(() => {});
}

function failedWith(outcome: PublishOutcome, code: number): boolean {
  return !outcome.written && codeOf(outcome.error) === code;
}
