import { isText, type ReportTable } from './table.js';

const cell = (text: string) => text.replaceAll('|', '\\|');
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;

/** The tables as Markdown, one below the other. */
export function markdown(tables: readonly ReportTable[]): string {
  return tables.map(markdownTable).join('\n\n');
}

function markdownTable(table: ReportTable): string {
  const rule = `|${table.head.map((_, column) => (isText(table, column) ? '---' : '---:')).join('|')}|`;
  return [
    `### ${table.title}`,
    '',
    ...(table.note === undefined ? [] : [table.note, '']),
    row(table.head),
    rule,
    ...table.rows.map(row),
  ].join('\n');
}
