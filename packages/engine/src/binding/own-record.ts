import { ownHeaders } from './lazy-headers.js';
import type { KafkaRecord } from './record.js';

/** Memory that a few bytes may keep all the same, in bytes: Node cuts small buffers from a pool of this size. */
const POOL = 8_192;

/**
 * Bytes that may be kept for long. Clients cut records from a broker's whole answer, or from a whole batch, so a
 * record of 900 bytes keeps all of that in memory: what is less than half of its memory is copied.
 */
export function ownBytes<B extends Buffer | null>(bytes: B): B {
  if (bytes === null || bytes.buffer.byteLength <= 2 * bytes.length + POOL) return bytes;
  return Buffer.from(bytes) as B;
}

/** Moves a record that will wait to memory of its own, in place. Whoever holds its former bytes may keep them. */
export function ownRecord(record: KafkaRecord): void {
  const mutable = record as { -readonly [K in keyof KafkaRecord]: KafkaRecord[K] };
  mutable.key = ownBytes(record.key);
  mutable.value = ownBytes(record.value);
  ownHeaders(record.headers, ownBytes);
}
