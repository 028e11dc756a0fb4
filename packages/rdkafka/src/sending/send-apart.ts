import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import { codeOf } from '../errors.js';
import type { Deliveries } from './deliveries.js';

/**
 * With these a broker rejects a whole batch for the sake of one record: MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE,
 * INVALID_TIMESTAMP, INVALID_RECORD.
 */
const RECORD_AT_FAULT: ReadonlySet<number | undefined> = new Set([10, 18, 32, 87]);

/** Sends records; those that are rejected together are halved until the one at fault stands alone. */
export async function sendApart(
  deliveries: Deliveries,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  const outcomes = [...(await deliveries.send(records))];
  const rejected = [...outcomes.keys()].filter((i) => isRejected(outcomes[i] as PublishOutcome));
  if (rejected.length < 2) return outcomes;
  const middle = rejected.length >> 1;
  for (const half of [rejected.slice(0, middle), rejected.slice(middle)]) {
    const sent = await sendApart(
      deliveries,
      half.map((i) => records[i] as OutgoingRecord),
    );
    half.forEach((i, at) => {
      outcomes[i] = sent[at] as PublishOutcome;
    });
  }
  return outcomes;
}

function isRejected(outcome: PublishOutcome): boolean {
  return !outcome.written && RECORD_AT_FAULT.has(codeOf(outcome.error));
}
