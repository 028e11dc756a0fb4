import { type OutgoingHeader, type OutgoingRecord, unwritableRecord, writablePart } from '@velo/engine';
import type { ClientFacts } from '../facts.js';

/** The clients write null for an empty buffer, unless memory stands behind it. */
const EMPTY = Buffer.alloc(1).subarray(0, 0);

/** @throws what `unwritableRecord` makes, where the client would throw a plain TypeError or write something else */
export function toBytes(
  { name }: ClientFacts,
  given: Buffer | string | null | undefined,
  what: 'key' | 'value',
): Buffer | null {
  const part = writablePart(name, given, what);
  if (part === null) return null;
  if (part.length === 0) return EMPTY;
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** One object for each header, as the clients want them. What they cannot carry must have been encoded before. */
export function toHeaders(
  facts: ClientFacts,
  headers: OutgoingRecord['headers'],
): { [name: string]: Buffer | string }[] | undefined {
  return headers.length === 0 ? undefined : headers.map((header) => toHeader(facts, header));
}

function toHeader(facts: ClientFacts, [name, value]: OutgoingHeader): { [name: string]: Buffer | string } {
  if (name.includes('\0')) throw unwritableRecord(facts.name, 'the name of a header holds a NUL');
  const writable = facts.headerValue(value);
  if (writable === undefined) throw unwritableRecord(facts.name, `its header "${name}" is no text`);
  return { [name]: writable.length === 0 ? EMPTY : writable };
}
