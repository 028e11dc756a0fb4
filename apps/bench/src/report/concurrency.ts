import * as Plot from '@observablehq/plot';
import type { ConcurrencyPoint } from '../throughput/run-concurrency.js';
import { svg } from './plot.js';
import type { ReportTable } from './table.js';

/** The design's: of as many records as the handlers could take. */
const GOAL = 0.9;

const count = (value: number) => Math.round(value).toLocaleString('en-US');

/** The design's: a batch of 500 against one by one, where each call takes 20 ms. */
const BATCH_GOAL = { work: 20, times: 100 };

/**
 * One row for each point. Where the processor is the limit, and not the handlers, the goal is to use it: a point that reaches
 * nine tenths of the best one counts.
 */
export function concurrencyTable(points: readonly ConcurrencyPoint[]): ReportTable {
  const limit = Math.max(...points.map(({ perSecond }) => perSecond));
  return {
    title: 'Handlers that wait, side by side',
    note: 'Ideal: what all handlers together could take, if nothing else took time. One by one: the same handler, one record at a time.',
    head: [
      'handler',
      'at once in a partition',
      'records each',
      'records/s',
      'per CPU s',
      'ideal',
      'of ideal',
      'of one by one',
      'goal',
    ],
    rows: points.map(({ work, concurrency, batch, perSecond, perCpuSecond, ideal }) => {
      const share = perSecond / ideal;
      const times = perSecond / oneByOne(points, work);
      const verdict =
        batch > 1
          ? batchVerdict(work, times)
          : share >= GOAL
            ? 'reached'
            : perSecond >= GOAL * limit
              ? 'at the limit'
              : 'not reached';
      return [
        `${work} ms`,
        String(concurrency),
        String(batch),
        count(perSecond),
        count(perCpuSecond),
        count(ideal),
        share.toFixed(2),
        times.toFixed(1),
        verdict,
      ];
    }),
    text: [0, 8],
  };
}

function oneByOne(points: readonly ConcurrencyPoint[], work: number): number {
  const first = points.find((point) => point.work === work && point.concurrency === 1 && point.batch === 1);
  return first?.perSecond ?? Number.NaN;
}

function batchVerdict(work: number, times: number): string {
  if (work !== BATCH_GOAL.work) return '';
  return times >= BATCH_GOAL.times ? 'reached' : 'not reached';
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
