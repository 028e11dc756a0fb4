import { ownHeaders } from './lazy-headers.js';
import type { KafkaRecord } from './record.js';

/** What a few bytes may keep all the same, since Node cuts small buffers from a pool. */
const POOL = 8_192;

/**
 * Bytes for keeping. Clients cut records from the whole answer of a broker, or a whole batch, and one of 900 bytes keeps
 * all of it: what is less than half of its memory is copied.
 */
export function ownBytes<B extends Buffer | null>(bytes: B): B {
  if (bytes === null || bytes.buffer.byteLength <= 2 * bytes.length + POOL) return bytes;
  return Buffer.from(bytes) as B;
}

/** The record as it is, from now on in memory of its own. For those that wait; whoever has its bytes may keep them. */
export function ownRecord(record: KafkaRecord): void {
  const mutable = record as { -readonly [K in keyof KafkaRecord]: KafkaRecord[K] };
  mutable.key = ownBytes(record.key);
  mutable.value = ownBytes(record.value);
  ownHeaders(record.headers, ownBytes);
}
