import type { OutgoingHeader, OutgoingRecord } from '@velo/engine';
import { unwritableRecord } from '../errors.js';

/** node-rdkafka writes null for an empty buffer, unless memory stands behind it. */
const EMPTY = Buffer.alloc(1).subarray(0, 0);

/** @throws what `unwritableRecord` makes, where node-rdkafka would throw a plain TypeError or write something else */
export function toBytes(bytes: Buffer | string | null | undefined, what: 'key' | 'value'): Buffer | null {
  if (bytes === null || bytes === undefined) return null;
  if (bytes.length === 0) return EMPTY;
  if (typeof bytes === 'string') return Buffer.from(bytes);
  if (!Buffer.isBuffer(bytes)) throw unwritableRecord(`its ${what} is neither bytes nor text nor null`);
  return bytes;
}

/**
 * One object for each header, as node-rdkafka wants them; it writes their text, whatever they are, so what is no text
 * must have been encoded before.
 */
export function toHeaders(headers: OutgoingRecord['headers']): { [name: string]: string }[] | undefined {
  return headers.length === 0 ? undefined : headers.map(toHeader);
}

function toHeader([name, value]: OutgoingHeader): { [name: string]: string } {
  const text = Buffer.isBuffer(value) ? value.toString() : value;
  if (typeof text !== 'string' || text.includes('\0'))
    throw unwritableRecord(`its header "${name}" is no text`);
  return { [name]: text };
}
