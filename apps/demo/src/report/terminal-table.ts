import Table from 'cli-table3';
import type { Colors } from 'picocolors/types.js';
import { wrap } from '../format.js';
import type { SummaryTable } from './summary.js';

const INDENT = '  ';

/** Characters between two columns. */
const GAP = 2;

/** Characters that are left of a cut column, at least. */
const NARROWEST = 8;

/** No borders: they would be louder than the numbers. */
const SIDES = ['top', 'bottom', 'left', 'mid', 'right'];
const NO_BORDERS = Object.fromEntries(
  SIDES.flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`]).map((name) => [name, '']),
);
const CHARS = { ...NO_BORDERS, left: INDENT, middle: ' '.repeat(GAP) };

/** A table of the summary as text for a terminal of `width` characters. */
export function terminalTable(table: SummaryTable, width: number, colors: Colors): string {
  const isText = (column: number) => column === 0 || (table.text?.includes(column) ?? false);
  const rows = fit(table, width);
  const grid = new Table({
    chars: CHARS,
    colAligns: table.head.map((_, column) => (isText(column) ? 'left' : 'right')),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  grid.push(
    table.head.map((text) => colors.dim(text)),
    ...rows.map((row) => [...row]),
  );
  const lines = grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const note = wrap(table.note ?? '', width - INDENT.length).filter(Boolean);
  return [colors.bold(table.title), ...note.map((line) => `${INDENT}${colors.dim(line)}`), ...lines].join(
    '\n',
  );
}

/** Cuts the widest column of text where the table would pass the right edge. */
function fit(table: SummaryTable, width: number): readonly (readonly string[])[] {
  const { head, rows } = table;
  const widths = head.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const excess = widths.reduce((sum, length) => sum + length + GAP, INDENT.length) - width;
  if (excess <= 0) return rows;
  const cut = [0, ...(table.text ?? [])].reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a));
  const room = Math.max(NARROWEST, (widths[cut] ?? 0) - excess);
  return rows.map((row) => row.map((text, column) => (column === cut ? shorten(text, room) : text)));
}

function shorten(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
