import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import type { KafkaJsProducer } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { brokerCode } from '../errors.js';
import { sizeInRequest } from './messages.js';
import { send } from './send.js';

/** In one send. Brokers take batches of about 1 MB at their defaults, and kafkajs does not split them. */
const MAX_BATCH_BYTES = 512 * 1024;
/** In one send: kafkajs copies the list of messages once for each message. */
const MAX_BATCH_RECORDS = 1_000;

/**
 * With these a broker rejects a whole batch for the sake of one record: MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE,
 * INVALID_TIMESTAMP, INVALID_RECORD.
 */
const RECORD_AT_FAULT: ReadonlySet<number | undefined> = new Set([10, 18, 32, 87]);

/**
 * Writes records of one partition in their order, batch after batch. A batch that is rejected for one of its
 * records is halved until that one stands alone; after any other failure nothing more is sent. Never rejects.
 */
export async function writePartition(
  producer: Connection<KafkaJsProducer>,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  const outcomes: PublishOutcome[] = [];
  const batches = toBatches(records);
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    try {
      const baseOffset = await send(producer, batch);
      for (let i = 0; i < batch.length; i++)
        outcomes.push({ written: true, offset: offsetAt(baseOffset, i) });
    } catch (error) {
      if (!RECORD_AT_FAULT.has(brokerCode(error))) {
        while (outcomes.length < records.length) outcomes.push({ written: false, error });
        break;
      }
      if (batch.length === 1) outcomes.push({ written: false, error });
      else batches.unshift(...halves(batch));
    }
  }
  return outcomes;
}

function offsetAt(baseOffset: string | undefined, index: number): string | undefined {
  // -1: written, but the broker does not say where.
  if (baseOffset === undefined || baseOffset === '-1') return undefined;
  return String(BigInt(baseOffset) + BigInt(index));
}

function halves<T>(list: readonly T[]): readonly [readonly T[], readonly T[]] {
  const middle = list.length >> 1;
  return [list.slice(0, middle), list.slice(middle)];
}

function toBatches(records: readonly OutgoingRecord[]): (readonly OutgoingRecord[])[] {
  const batches: OutgoingRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeInRequest(record);
    const batch = batches.at(-1);
    if (batch === undefined || batch.length === MAX_BATCH_RECORDS || bytes + size > MAX_BATCH_BYTES) {
      batches.push([record]);
      bytes = size;
    } else {
      batch.push(record);
      bytes += size;
    }
  }
  return batches;
}
