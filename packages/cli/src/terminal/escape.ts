import { printed } from '@velo/retry-core';

/** Longer texts of records are cut in tables, in characters. */
const CELL = 60;

/** Bytes of a record as one line of text that cannot send a terminal anything but itself. */
export function shown(bytes: Buffer | string | null | undefined): string {
  if (bytes === null || bytes === undefined) return 'null';
  const text = typeof bytes === 'string' ? bytes : textOf(bytes);
  return text === undefined ? hex(bytes as Buffer) : printed(text);
}

/** The same for a cell of a table. */
export function cell(text: string, limit = CELL): string {
  const clean = printed(text.slice(0, limit * 4));
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

/** The text that bytes are in UTF-8; `undefined` where they are none. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const hex = (bytes: Buffer): string => `0x${bytes.toString('hex')}`;
