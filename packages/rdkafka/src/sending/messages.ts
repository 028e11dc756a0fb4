import { type OutgoingHeader, type OutgoingRecord, unwritableRecord, writablePart } from '@velo/engine';
import { CLIENT } from '../errors.js';

/** node-rdkafka writes null for an empty buffer, unless memory stands behind it. */
const EMPTY = Buffer.alloc(1).subarray(0, 0);

/** @throws what `unwritableRecord` makes, where node-rdkafka would throw a plain TypeError or write something else */
export function toBytes(given: Buffer | string | null | undefined, what: 'key' | 'value'): Buffer | null {
  const part = writablePart(CLIENT, given, what);
  if (part === null) return null;
  if (part.length === 0) return EMPTY;
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/**
 * One object for each header, as node-rdkafka wants them; it writes their text, whatever they are, so what is no text
 * must have been encoded before.
 */
export function toHeaders(headers: OutgoingRecord['headers']): { [name: string]: string }[] | undefined {
  return headers.length === 0 ? undefined : headers.map(toHeader);
}

function toHeader([name, value]: OutgoingHeader): { [name: string]: string } {
  if (name.includes('\0')) throw unwritableRecord(CLIENT, 'the name of a header holds a NUL');
  const text = Buffer.isBuffer(value) ? value.toString() : value;
  if (typeof text !== 'string' || text.includes('\0'))
    throw unwritableRecord(CLIENT, `its header "${name}" is no text`);
  return { [name]: text };
}
