import { type KafkaHeader, type KafkaHeaders, type KafkaRecord, lazyHeaders, noHeaders } from '@velo/engine';
import type { RdKafkaMessage } from '../api.js';
import type { OffsetTexts } from './offset-texts.js';

/** @param topic one text for all records: clients make a new one for each */
export function toRecord(
  { partition, offset, timestamp, key, value, headers }: RdKafkaMessage,
  topic: string,
  offsets: OffsetTexts,
): KafkaRecord {
  return {
    topic,
    partition,
    offset: offsets.of(offset),
    timestamp: timestamp ?? -1,
    key: toBuffer(key),
    value,
    headers: headers === undefined || headers.length === 0 ? noHeaders : toHeaders(headers),
  };
}

function toHeaders(headers: NonNullable<RdKafkaMessage['headers']>): KafkaHeaders {
  return lazyHeaders(() => headers.flatMap(toEntries), bytesOf(headers));
}

function bytesOf(headers: NonNullable<RdKafkaMessage['headers']>): number {
  let bytes = 0;
  for (const header of headers) {
    for (const [name, value] of toEntries(header)) bytes += name.length + (value?.length ?? 0);
  }
  return bytes;
}

/** A null value arrives as an empty one: the clients do not tell them apart. */
function toEntries(header: { readonly [name: string]: unknown }): KafkaHeader[] {
  const prototype: unknown = Object.getPrototypeOf(header);
  // What the clients make of a header of that name.
  if (Buffer.isBuffer(prototype)) return [['__proto__', prototype]];
  return Object.entries(header).map(([name, value]) => [name, Buffer.isBuffer(value) ? value : null]);
}

function toBuffer(key: Buffer | string | null | undefined): Buffer | null {
  return typeof key === 'string' ? Buffer.from(key) : (key ?? null);
}
