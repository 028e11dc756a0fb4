import { type KafkaHeader, type KafkaHeaders, type KafkaRecord, lazyHeaders, noHeaders } from '@velo/engine';
import type { KafkaJsBatch, KafkaJsFetchedHeaders } from '../api.js';
import { readHeaders } from '../quirks/raw-headers.js';

export function toRecords({ topic, partition, messages }: KafkaJsBatch): KafkaRecord[] {
  return messages.map(({ offset, timestamp, key, value, headers }) => ({
    topic,
    partition,
    offset,
    timestamp: Number(timestamp),
    key,
    value,
    headers: toHeaders(headers),
  }));
}

function toHeaders(headers: Buffer | KafkaJsFetchedHeaders | undefined): KafkaHeaders {
  if (Buffer.isBuffer(headers)) return lazyHeaders(readHeaders, headers.length, headers);
  for (const _ in headers)
    return lazyHeaders(() => Object.entries(headers).flatMap(toEntries), bytesOf(headers));
  return noHeaders;
}

function bytesOf(headers: KafkaJsFetchedHeaders): number {
  let bytes = 0;
  for (const name in headers) {
    const values: unknown = headers[name];
    for (const value of Array.isArray(values) ? values : [values])
      bytes += name.length + (isHeaderValue(value) ? (value?.length ?? 0) : 0);
  }
  return bytes;
}

function toEntries([name, values]: [name: string, values: unknown]): KafkaHeader[] {
  return (Array.isArray(values) ? values : [values])
    .filter(isHeaderValue)
    .map((value) => [name, toBuffer(value)]);
}

/**
 * Where kafkajs has read a record itself, it collects headers in a plain object. A header named `constructor` or
 * `__proto__` then arrives as an array that begins with what `Object.prototype` holds under that name.
 */
function isHeaderValue(value: unknown): value is Buffer | string | null {
  return value === null || typeof value === 'string' || Buffer.isBuffer(value);
}

function toBuffer(value: Buffer | string | null): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : value;
}
