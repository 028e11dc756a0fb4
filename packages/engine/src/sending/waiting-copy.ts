import type { TransactionFailure } from '../binding/binding.js';
import { passes } from '../failures/client-error.js';
import { bytesOf } from './backlog.js';
import type { PendingRecord } from './pending-record.js';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from './record-writer.js';

/** A copy that goes by transaction. */
export interface WaitingCopy {
  readonly copy: PendingRecord;
  /** Of the record that it is a copy of. */
  readonly offset: number;
  /** `doubtful`: its transaction did not commit, or nobody knows. */
  state: 'new' | 'under way' | 'doubtful' | 'settled';
  /** One of several that a final error may be about. */
  suspect: boolean;
  /** The error that is final for this copy. */
  refusal: { readonly error: unknown } | undefined;
}

/** What goes in one transaction; suspects go alone, and so do copies in gzip. */
export function firstBatch(waiting: readonly WaitingCopy[]): WaitingCopy[] {
  const batch: WaitingCopy[] = [];
  let bytes = 0;
  for (const one of waiting) {
    bytes += bytesOf(one.copy.record);
    const fits = batch.length < MAX_BATCH_RECORDS && bytes <= MAX_BATCH_BYTES && !goesAlone(one);
    if (batch.length > 0 && !fits) break;
    batch.push(one);
    if (goesAlone(one)) break;
  }
  return batch;
}

function goesAlone({ suspect, copy }: WaitingCopy): boolean {
  return suspect || copy.record.gzip === true;
}

/** Whether the error is final for a copy, or for one of several that go alone from now on. */
export function blame(copies: readonly WaitingCopy[], { error, suspects = [] }: TransactionFailure): boolean {
  if (suspects.length === 0 || passes(error)) return false;
  for (const index of suspects) {
    const one = copies[index] as WaitingCopy;
    if (suspects.length === 1) one.refusal = { error };
    else one.suspect = true;
  }
  return true;
}

/** After all of lower offsets, which is mostly at the end. */
export function insert(waiting: WaitingCopy[], added: WaitingCopy): void {
  let at = waiting.length;
  while (at > 0 && (waiting[at - 1] as WaitingCopy).offset > added.offset) at--;
  waiting.splice(at, 0, added);
}
