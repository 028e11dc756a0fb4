import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { PathResult } from '../micro/run-path.js';
import { formatNs } from './format.js';

/** Pixels. */
const WIDTH = 960;

/** A plot as an SVG document; colours are CSS variables, text is `currentColor`: good on light and on dark. */
export function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({
    width: WIDTH,
    style: { fontSize: '12px', background: 'none', overflow: 'visible' },
    ...options,
    document: document as unknown as Document,
  });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return plot.outerHTML;
}

/** One bar for each case on a log scale, which is the same for all paths. */
export function pathPlot({ cases }: PathResult): string {
  const bars = cases.map(({ name, kind, net }) => ({ name, kind, net }));
  return svg({
    height: 26 * bars.length + 34,
    marginLeft: 230,
    marginRight: 60,
    marginTop: 4,
    marginBottom: 30,
    x: {
      type: 'log',
      domain: [0.1, 10_000],
      ticks: [0.1, 1, 10, 100, 1_000, 10_000],
      tickFormat: (ns: number) => `${ns >= 1 ? ns.toLocaleString('en-US') : ns} ns`,
      label: null,
      grid: true,
    },
    y: { type: 'band', domain: bars.map(({ name }) => name), label: null, padding: 0.2 },
    marks: [
      Plot.barX(bars, { x1: 0.1, x2: 'net', y: 'name', fill: ({ kind }) => `var(--${kind})`, rx: 2 }),
      Plot.text(bars, {
        x: 'net',
        y: 'name',
        text: ({ net }) => formatNs(net),
        dx: 6,
        textAnchor: 'start',
        fill: 'currentColor',
      }),
    ],
  });
}
