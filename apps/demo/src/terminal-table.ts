import Table from 'cli-table3';
import type { Colors } from 'picocolors/types.js';
import type { SummaryTable } from './summary.js';

/** Characters of indentation, and the narrowest that a cut column gets. */
const INDENT = '  ';
const NARROWEST = 20;

/** Only a line under the head: borders would be louder than the numbers. */
const CHARS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: INDENT, 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

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
  const note = table.note === undefined ? [] : [`${INDENT}${colors.dim(table.note)}`];
  return [colors.bold(table.title), ...note, ...lines].join('\n');
}

/** Cuts the last column where it would pass the right edge. */
function fit({ head, rows }: SummaryTable, width: number): readonly (readonly string[])[] {
  const last = head.length - 1;
  const before = head.slice(0, last).map((text, column) => {
    return Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0));
  });
  const used = before.reduce((sum, length) => sum + length + 2, INDENT.length);
  const room = Math.max(NARROWEST, width - used - 1);
  return rows.map((row) =>
    row.map((text, column) => (column === last && text.length > room ? `${text.slice(0, room - 1)}…` : text)),
  );
}
