import { formatDuration } from '@velo/retry-core';
import { table } from '../terminal/table.js';
import type { Writer } from '../terminal/writer.js';
import type { Span, Step } from './schedule.js';

const WIDEST = 48;
const NARROWEST = 10;
/** Columns that the others of the table take. */
const BESIDE = 52;

/** The schedule as a table with bars: full up to the shortest wait, light up to the longest. */
export function scheduleTable(steps: readonly Step[], nameOf: (step: Step) => string, out: Writer): string {
  const longest = Math.max(1, ...steps.map(({ wait }) => wait.most));
  const width = Math.max(NARROWEST, Math.min(WIDEST, out.width - BESIDE));
  const cells = (ms: number) => (ms === 0 ? 0 : Math.max(1, Math.round((width * ms) / longest)));
  const rows = steps.map((step) => {
    const full = cells(step.wait.least);
    const light = cells(step.wait.most) - full;
    const bar = out.colors.cyan('█'.repeat(full) + '░'.repeat(Math.max(0, light)));
    return [String(step.attempt), nameOf(step), spanText(step.wait), spanText(step.at), bar];
  });
  const columns = [
    { name: 'attempt', align: 'right' as const },
    { name: 'in' },
    { name: 'after a wait of', align: 'right' as const },
    { name: 'since the first', align: 'right' as const },
    { name: '' },
  ];
  return table(columns, rows, out);
}

export function spanText({ least, most }: Span): string {
  const [from, to] = [formatDuration(Math.round(least)), formatDuration(Math.round(most))];
  return from === to ? from : `${from} to ${to}`;
}
