import * as Plot from '@observablehq/plot';
import type { ConcurrencyPoint } from '../throughput/run-concurrency.js';
import { svg } from './plot.js';
import type { ReportTable } from './table.js';

/** The design's: of as many records as the handlers could take. */
const GOAL = 0.9;

const count = (value: number) => Math.round(value).toLocaleString('en-US');

/**
 * One row for each point. Where the processor is the limit, and not the handlers, the goal is to use it: a point that reaches
 * nine tenths of the best one counts.
 */
export function concurrencyTable(points: readonly ConcurrencyPoint[]): ReportTable {
  const limit = Math.max(...points.map(({ perSecond }) => perSecond));
  return {
    title: 'Handlers that wait, side by side',
    note: 'Ideal: what all handlers together could take, if nothing else took time.',
    head: [
      'handler',
      'at once in a partition',
      'records each',
      'records/s',
      'per CPU s',
      'ideal',
      'of ideal',
      'goal',
    ],
    rows: points.map(({ work, concurrency, batch, perSecond, perCpuSecond, ideal }) => {
      const share = perSecond / ideal;
      const verdict = share >= GOAL ? 'reached' : perSecond >= GOAL * limit ? 'at the limit' : 'not reached';
      return [
        `${work} ms`,
        String(concurrency),
        String(batch),
        count(perSecond),
        count(perCpuSecond),
        count(ideal),
        share.toFixed(2),
        verdict,
      ];
    }),
    text: [0, 7],
  };
}

/** A line for each handler, and what would be ideal as dashes. */
export function concurrencyPlot(points: readonly ConcurrencyPoint[]): string {
  const most = Math.max(...points.map(({ perSecond }) => perSecond)) * 1.5;
  const shown = points
    .filter(({ batch }) => batch === 1)
    .map((point) => ({ ...point, handler: `${point.work} ms` }));
  return svg({
    height: 420,
    marginLeft: 70,
    marginRight: 60,
    x: {
      type: 'log',
      base: 2,
      label: 'handlers at once in each partition',
      ticks: [1, 4, 16, 64, 256],
      tickFormat: 'd',
    },
    y: { type: 'log', label: 'records a second', grid: true, tickFormat: '~s', domain: [100, most] },
    marks: [
      Plot.line(
        shown.filter(({ ideal }) => ideal <= most),
        { x: 'concurrency', y: 'ideal', z: 'handler', stroke: 'var(--obvious)', strokeDasharray: '4 4' },
      ),
      Plot.line(shown, {
        x: 'concurrency',
        y: 'perSecond',
        z: 'handler',
        stroke: 'var(--velo)',
        strokeWidth: 2,
      }),
      Plot.dot(shown, { x: 'concurrency', y: 'perSecond', fill: 'var(--velo)' }),
      Plot.text(
        shown,
        Plot.selectLast({
          x: 'concurrency',
          y: 'perSecond',
          z: 'handler',
          text: 'handler',
          dx: 8,
          textAnchor: 'start',
          fill: 'currentColor',
        }),
      ),
    ],
  });
}
