import Table from 'cli-table3';
import colors from 'picocolors';
import { isText, type ReportTable } from './table.js';

/** No borders: they would be louder than the numbers. */
const SIDES = ['top', 'bottom', 'left', 'mid', 'right'];
const NO_BORDERS = Object.fromEntries(
  SIDES.flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`]).map((name) => [name, '']),
);

export function terminalTable(table: ReportTable): string {
  const grid = new Table({
    chars: { ...NO_BORDERS, left: '  ', middle: '  ' },
    colAligns: table.head.map((_, column) => (isText(table, column) ? 'left' : 'right')),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  grid.push(
    table.head.map((text) => colors.dim(text)),
    ...table.rows.map((cells) => [...cells]),
  );
  const lines = grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const note = table.note === undefined ? [] : [`  ${colors.dim(table.note)}`];
  return [colors.bold(table.title), ...note, ...lines].join('\n');
}
