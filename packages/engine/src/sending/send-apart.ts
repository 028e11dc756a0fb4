import type { OutgoingRecord, PublishOutcome } from '../binding/binding.js';
import { isOfOneRecord } from '../failures/client-error.js';

type Send = (records: readonly OutgoingRecord[]) => Promise<readonly PublishOutcome[]>;

/**
 * Sends records of one partition; those that are rejected together are halved until the one at fault stands alone. After
 * any other failure nothing more is sent, so that the order stays: what is left has failed as well.
 */
export async function sendApart(
  records: readonly OutgoingRecord[],
  send: Send,
): Promise<readonly PublishOutcome[]> {
  const outcomes = [...(await send(records))];
  const rejected = [...outcomes.keys()].filter((i) => isRejected(outcomes[i]));
  if (rejected.length < 2) return outcomes;
  let failure = outcomes.find(isFailure);
  const middle = rejected.length >> 1;
  for (const half of [rejected.slice(0, middle), rejected.slice(middle)]) {
    const own = half.map((i) => records[i] as OutgoingRecord);
    const sent = failure === undefined ? await sendApart(own, send) : [];
    for (const [at, i] of half.entries()) outcomes[i] = (sent[at] ?? failure) as PublishOutcome;
    failure ??= sent.find(isFailure);
  }
  return outcomes;
}

/** A client that breaks its contract gives fewer outcomes than there are records. */
function isRejected(outcome: PublishOutcome | undefined): boolean {
  return outcome?.written === false && isOfOneRecord(outcome.error);
}

function isFailure(outcome: PublishOutcome): boolean {
  return !outcome.written && !isRejected(outcome);
}
