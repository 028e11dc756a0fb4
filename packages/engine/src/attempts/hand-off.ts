import { explainKafkaError } from '@velo/retry-core';
import type { ClientCapabilities, OutgoingHeader, OutgoingRecord } from '../binding/binding.js';
import type { KafkaRecord } from '../binding/record.js';
import { isTooLarge } from '../failures/client-error.js';
import type { ObservedCopy } from '../observing/observer.js';
import type { CopyUnderWatch } from '../observing/write-watch.js';
import type { PendingRecord } from '../sending/pending-record.js';
import { explainGrowth, growthOf } from '../sending/request-size.js';
import type { AttemptHost } from './attempt-host.js';
import type { AttemptLane } from './attempt-lane.js';

/** A record that leaves its topic. */
export interface Leaving {
  readonly record: KafkaRecord;
  readonly host: AttemptHost;
  readonly lane: AttemptLane;
}

export interface Copy extends Pick<ObservedCopy, 'kind' | 'topic'> {
  /** @param isBare without the texts of its error: with them it was too large */
  readonly headers: (isBare: boolean) => readonly OutgoingHeader[];
  readonly written: () => void;
  readonly refused: (error: unknown) => void;
  /** It will never be there: told before `refused`, or alone where it is not wanted any more. */
  readonly never?: () => void;
}

/** As it is; where that is too large, compressed; where that is too, as it is without the texts of its error. */
type Form = 'whole' | 'gzip' | 'bare';

/** The offset waits for the acknowledgement. A copy that is too large goes once more in each of its other forms. */
export function handOff(leaving: Leaving, copy: Copy): void {
  const { record, host } = leaving;
  const { kind, topic } = copy;
  hand(leaving, copy, 'whole', host.watch.copies?.({ kind, record, topic }));
}

function hand(leaving: Leaving, copy: Copy, form: Form, watched: CopyUnderWatch | undefined): void {
  const { record, host, lane } = leaving;
  const { key, value } = record;
  const { topic } = copy;
  lane.leaves(record);
  const isBare = form === 'bare';
  const headers = copy.headers(isBare);
  const target: OutgoingRecord = {
    topic,
    partition: host.partitionFor(topic, record.partition),
    key,
    value,
    headers: watched === undefined || isBare ? headers : watched.headers(headers),
    ...(form === 'gzip' && { gzip: true }),
  };
  const pending: PendingRecord = {
    record: target,
    // Its new owner makes a copy of its own, and without a copy the offset is not committed.
    wanted: () => !lane.closed,
    dropped: () => {
      watched?.ended('dropped');
      copy.never?.();
      lane.dropped(record);
    },
    written: () => {
      watched?.ended('written');
      copy.written();
      lane.handedOff(record);
    },
    refused: (error) => {
      if (lane.closed) {
        watched?.ended('dropped', error);
        return;
      }
      const tooLarge = isTooLarge(error);
      const growth = tooLarge ? explainGrowth(growthOf(target, host.capabilities)) : '';
      const explanation = explainKafkaError(error, { topic }) + growth;
      host.events.emit('publishRefused', { record, topic, error, explanation });
      const next = tooLarge ? formAfter(form, host.capabilities) : undefined;
      if (next !== undefined) {
        hand(leaving, copy, next, watched);
        return;
      }
      watched?.ended('refused', error);
      copy.never?.();
      copy.refused(error);
    },
  };
  host.handOffs.add(pending, lane, record);
}

function formAfter(form: Form, { gzip }: ClientCapabilities): Form | undefined {
  if (form === 'bare') return undefined;
  return form === 'whole' && gzip ? 'gzip' : 'bare';
}
