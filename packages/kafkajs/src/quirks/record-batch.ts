// Part of linear-headers.ts, shown by test/linear-headers.test.ts.
import { ByteReader } from './byte-reader.js';

/** What kafkajs's consumer needs to know of a record, and velo. */
export interface DecodedMessage {
  readonly offset: string;
  /** Milliseconds since 1970, as text. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As on the wire, see `readHeaders`; undefined if there are none. */
  readonly headers: Buffer | undefined;
  readonly isControlRecord: boolean;
  /** The producer of a transaction, whose records may have been undone. */
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

/** Unpacks what a codec has packed. */
export type Decompress = (packed: Buffer) => Promise<Buffer>;

/** Of a batch, in bytes: to its length, to its magic number, to its attributes, to its records. */
const LENGTH_AT = 8;
const HEAD = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const RECORDS_AT = 61;

const MAGIC = 2;
/** Of the attributes. */
const CODEC = 0x07;
const LOG_APPEND_TIME = 0x08;
const IN_TRANSACTION = 0x10;
const CONTROL = 0x20;

/** The batches of a record set that are whole: the last one may be cut off. `undefined` if one is older than Kafka 0.11. */
export function batchesOf(set: Buffer): readonly Buffer[] | undefined {
  const batches: Buffer[] = [];
  for (let at = 0; at + RECORDS_AT <= set.length; ) {
    if (set.readInt8(at + MAGIC_AT) !== MAGIC) return undefined;
    const end = at + HEAD + set.readInt32BE(at + LENGTH_AT);
    if (end > set.length || end <= at) break;
    batches.push(set.subarray(at, end));
    at = end;
  }
  return batches;
}

/** Its number in Kafka's protocol; 0: not compressed. */
export function codecOf(batch: Buffer): number {
  return batch.readInt16BE(ATTRIBUTES_AT) & CODEC;
}

/** The records of a batch, control records too. */
export async function decodeBatch(
  batch: Buffer,
  decompress: Decompress | undefined,
): Promise<DecodedMessage[]> {
  const reader = new ByteReader(batch);
  const baseOffset = Number(reader.int64());
  reader.offset = ATTRIBUTES_AT;
  const attributes = reader.int16();
  reader.int32();
  const firstTimestamp = Number(reader.int64());
  const maxTimestamp = Number(reader.int64());
  const producerId = String(reader.int64());
  reader.skip(2 + 4);
  const count = reader.int32();
  const packed = batch.subarray(RECORDS_AT);
  const records = new ByteReader(decompress === undefined ? packed : await decompress(packed));
  const isControlRecord = (attributes & CONTROL) !== 0;
  const batchContext = { producerId, inTransaction: (attributes & IN_TRANSACTION) !== 0 };
  const appended = (attributes & LOG_APPEND_TIME) !== 0 ? String(maxTimestamp) : undefined;
  const messages: DecodedMessage[] = [];
  for (let left = count; left > 0 && records.left > 0; left--) {
    const end = records.varint() + records.offset;
    records.skip(1);
    const created = firstTimestamp + records.varint();
    const offset = String(baseOffset + records.varint());
    const key = records.bytes(records.varint());
    const value = records.bytes(records.varint());
    // One byte, that is, no headers.
    const headers = end - records.offset > 1 ? records.buffer.subarray(records.offset, end) : undefined;
    const timestamp = appended ?? String(created);
    messages.push({ offset, timestamp, key, value, headers, isControlRecord, batchContext });
    // A length that leads back would never end.
    records.offset = Math.max(end, records.offset);
  }
  return messages;
}
