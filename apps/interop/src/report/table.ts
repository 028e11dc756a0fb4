import type { Check } from './checks.js';

/** The checks, one a line, in columns; under each the faults. */
export function table(checks: readonly Check[]): string {
  const rows = checks.map(({ system, what, compared, faults }) => ({
    cells: [system, what, String(compared), faults.length === 0 ? 'ok' : 'FAILED'],
    faults,
  }));
  const head = ['system', 'what', 'compared', ''];
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map(({ cells }) => (cells[i] as string).length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const width = widths[i] as number;
        return head[i] === 'compared' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [
    line(head),
    ...rows.flatMap(({ cells, faults }) => [
      line(cells),
      ...faults.map((fault) => fault.replace(/^/gm, '    ')),
    ]),
  ].join('\n');
}

/** `14 checks, 0 failed` */
export function lastLine(checks: readonly Check[]): string {
  const failed = checks.filter(({ faults }) => faults.length > 0).length;
  return `${checks.length} checks, ${failed} failed`;
}
