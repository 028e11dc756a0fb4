import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import type { KafkaJsProducer } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { send } from './send.js';

/** One outcome for each record of a batch of one partition, in the same order. Never rejects. */
export async function publish(
  producer: Connection<KafkaJsProducer>,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  if (records.length === 0) return [];
  try {
    const baseOffset = await send(producer, records);
    return records.map((_, i) => ({ written: true, offset: offsetAt(baseOffset, i) }));
  } catch (error) {
    return records.map(() => ({ written: false, error }));
  }
}

function offsetAt(baseOffset: string | undefined, index: number): string | undefined {
  // -1: written, but the broker does not say where.
  if (baseOffset === undefined || baseOffset === '-1') return undefined;
  return String(BigInt(baseOffset) + BigInt(index));
}
