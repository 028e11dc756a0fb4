import * as Plot from '@observablehq/plot';
import { type ConsumersRow, troubles } from '../simulation/run-consumers.js';
import { formatRatio } from './format.js';
import { svg } from './plot.js';
import type { ReportTable } from './table.js';

const count = (number: number) => number.toLocaleString('en-US');
const seconds = (ms: number) => (Number.isFinite(ms) ? (ms / 1_000).toFixed(1) : 'not all');

/** One table for each trouble. */
export function consumersTables(rows: readonly ConsumersRow[]): ReportTable[] {
  return troubles.map(({ id, title }) => ({
    title,
    note: 'Recovered: from the end of it until no record was left that was written before.',
    head: ['', 'records', 'failed calls', 'recovered, s', 'peak', 'dead letters', 'open'],
    rows: rows
      .filter(({ trouble }) => trouble === id)
      .map((row) => [
        row.policy,
        count(row.records),
        count(row.wasted),
        seconds(row.recovery),
        `x ${formatRatio(row.load)}`,
        count(row.deadLetters),
        count(row.open),
      ]),
  }));
}

/** Failed calls and dead letters of one trouble, for each policy. */
export function consumersPlots(rows: readonly ConsumersRow[]): string[] {
  const panels: readonly [label: string, value: (row: ConsumersRow) => number][] = [
    ['failed calls', ({ wasted }) => wasted],
    ['dead letters', ({ deadLetters }) => deadLetters],
  ];
  return panels.map(([label, value]) => {
    const bars = rows.map((row) => ({ policy: row.policy, value: value(row) }));
    return svg({
      width: 480,
      height: 26 * bars.length + 60,
      marginLeft: 150,
      marginRight: 50,
      marginTop: 8,
      marginBottom: 40,
      style: { fontSize: '11px', background: 'none', overflow: 'visible' },
      x: { label, labelAnchor: 'center', labelArrow: 'none', grid: true, ticks: 4 },
      y: { type: 'band', domain: bars.map(({ policy }) => policy), label: null, padding: 0.25, tickSize: 0 },
      marks: [
        Plot.barX(bars, { x: 'value', y: 'policy', fill: 'var(--velo)' }),
        Plot.text(bars, {
          x: 'value',
          y: 'policy',
          text: (bar: { value: number }) => count(bar.value),
          dx: 4,
          textAnchor: 'start',
          fill: 'currentColor',
        }),
      ],
    });
  });
}
