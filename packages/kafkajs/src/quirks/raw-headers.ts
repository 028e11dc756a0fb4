// Part of linear-headers.ts, shown by test/linear-headers.test.ts.
import type { KafkaHeader } from '@velo/engine';
import { ByteReader } from './byte-reader.js';

/**
 * The headers of a record, in their order, from its bytes after the value: their number, then name and value of each.
 * Takes as many steps as there are headers, whatever their names. Never throws: what is broken ends the list.
 */
export function readHeaders(raw: Buffer): KafkaHeader[] {
  const reader = new ByteReader(raw);
  const headers: KafkaHeader[] = [];
  for (let left = reader.varint(); left > 0 && reader.left > 0; left--) {
    const name = reader.text(reader.varint());
    headers.push([name, reader.bytes(reader.varint())]);
  }
  return headers;
}
