// Part of linear-headers.ts, shown by test/linear-headers.test.ts.
import { ByteReader } from './byte-reader.js';
import { batchesOf, codecOf, type DecodedMessage, type Decompress, decodeBatch } from './record-batch.js';

/** Looks up what unpacks a codec; `undefined` where nobody has registered it. */
export type Codecs = (codec: number) => Decompress | undefined;

/** The first version of a fetch whose answer has record batches, and the last one that kafkajs asks for. */
export const FIRST_VERSION = 4;
export const LAST_VERSION = 11;

/** The size of a record set, in bytes, and that of none. */
const SIZE = 4;
const EMPTY = Buffer.alloc(SIZE);

/** An answer to a fetch, taken apart. */
export interface TakenApart {
  /** The same answer without the record sets that can be read here. */
  readonly shell: Buffer;
  /** What was taken out, by partition in the order of the answer; undefined where it was left in. */
  readonly sets: readonly (readonly Buffer[] | undefined)[];
}

/** The record sets of an answer, batch by batch; what is older than Kafka 0.11, or in an unknown codec, is left in. */
export function takeApart(raw: Buffer, apiVersion: number, codecs: Codecs): TakenApart {
  const reader = new ByteReader(raw);
  const parts: Buffer[] = [];
  const sets: (readonly Buffer[] | undefined)[] = [];
  let copied = 0;
  // throttle_time_ms, error_code, session_id
  reader.skip(apiVersion >= 7 ? 10 : 4);
  for (let topics = reader.int32(); topics > 0 && reader.left > 0; topics--) {
    reader.skip(reader.int16());
    for (let partitions = reader.int32(); partitions > 0 && reader.left > 0; partitions--) {
      // partition, error_code, high_watermark, last_stable_offset, log_start_offset
      reader.skip(apiVersion >= 5 ? 30 : 22);
      // aborted_transactions: producer_id, first_offset
      reader.skip(reader.int32() * 16);
      // preferred_read_replica
      if (apiVersion >= 11) reader.skip(4);
      const size = reader.int32();
      const batches =
        size <= reader.left ? batchesOf(raw.subarray(reader.offset, reader.offset + size)) : undefined;
      const readable = batches?.every(
        (batch) => codecOf(batch) === 0 || codecs(codecOf(batch)) !== undefined,
      );
      sets.push(readable ? batches : undefined);
      if (readable) {
        parts.push(raw.subarray(copied, reader.offset - SIZE), EMPTY);
        copied = reader.offset + Math.max(size, 0);
      }
      reader.skip(size);
    }
  }
  return { shell: Buffer.concat([...parts, raw.subarray(copied)]), sets };
}

export async function messagesOf(batches: readonly Buffer[], codecs: Codecs): Promise<DecodedMessage[]> {
  const messages: DecodedMessage[][] = [];
  for (const batch of batches) messages.push(await decodeBatch(batch, codecs(codecOf(batch))));
  return messages.flat();
}
