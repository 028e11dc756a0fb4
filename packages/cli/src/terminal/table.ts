import Table from 'cli-table3';
import type { Writer } from './writer.js';

export interface Column {
  readonly name: string;
  /** @default 'left' */
  readonly align?: 'left' | 'right';
}

/** No lines: what is selected with the mouse, or read by `awk`, is the text alone. */
const BARE = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((part) => [part, '']),
);

/** Rows below the names of their columns, as text with a line feed at its end. Cells must be printable. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { colors }: Writer,
): string {
  const drawn = new Table({
    head: columns.map(({ name }) => colors.dim(name)),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: { ...BARE, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) drawn.push([...row]);
  return drawn
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
