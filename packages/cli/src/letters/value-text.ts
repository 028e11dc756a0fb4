import { printed } from '@velo/retry-core';
import { shown, textOf } from '../terminal/escape.js';

export const FORMS = ['auto', 'text', 'json', 'hex'] as const;

export type Form = (typeof FORMS)[number];

/** Lines that show bytes of a record, and what they are. */
export interface ShownValue {
  readonly kind: string;
  readonly lines: readonly string[];
}

const BYTES_IN_LINE = 16;

/**
 * A value for people: JSON where it is some, else text, else bytes. Whatever it holds, a terminal is sent nothing but text.
 *
 * @param most bytes that are shown; JSON that is longer is shown as text
 */
export function valueText(value: Buffer | null, form: Form, most: number): ShownValue {
  if (value === null) return { kind: 'null (a tombstone)', lines: [] };
  const size = `${value.length} byte${value.length === 1 ? '' : 's'}`;
  const shownBytes = value.subarray(0, most);
  const left = value.length - shownBytes.length;
  const more = left > 0 ? [`… ${left} bytes more: --max-bytes ${value.length}`] : [];
  const parsed = form === 'auto' || form === 'json' ? jsonOf(value, most) : undefined;
  if (parsed !== undefined) return { kind: `${size}, JSON`, lines: parsed.split('\n') };
  // A cut may go through a character.
  const text = textOf(value) === undefined ? undefined : shownBytes.toString('utf8');
  if (form === 'hex' || text === undefined)
    return { kind: `${size}, no text`, lines: [...hexLines(shownBytes), ...more] };
  return { kind: `${size}, text`, lines: [...text.split('\n').map(shown), ...more] };
}

/** Indented; undefined where it is none, or nothing is won by it. */
function jsonOf(value: Buffer, most: number): string | undefined {
  const text = value.length > most ? undefined : textOf(value);
  if (text === undefined || !/^\s*[[{]/.test(text)) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return indented(text);
}

/** Text that is JSON, on lines of its own: not parsed and written again, which would change long numbers. */
function indented(text: string): string {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  // A string, an empty pair, or a sign that begins or ends a line.
  return text.replace(/"(?:[^"\\]|\\.)*"|([[{])\s*([\]}])|[[{]|[\]}]|,|:|\s+/g, (token, open, close) => {
    if (token.startsWith('"')) return printed(token);
    if (close !== undefined) return open + close;
    if (token === '[' || token === '{') {
      depth++;
      return token + line();
    }
    if (token === ']' || token === '}') {
      depth--;
      return line() + token;
    }
    if (token === ',') return token + line();
    return token === ':' ? ': ' : '';
  });
}

/** As `hexdump -C` has it. */
function hexLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_IN_LINE) {
    const row = bytes.subarray(at, at + BYTES_IN_LINE);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.toString('latin1').replace(/[^ -~]/g, '.');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(BYTES_IN_LINE * 3)} ${text}`);
  }
  return lines;
}
