import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Outage, Series, TimelineSnapshot } from './timeline.js';

/** Pixels. */
const WIDTH = 960;
const MARGIN_LEFT = 56;
const MARGIN_RIGHT = 16;

/** The rows of the plot, top to bottom: what is drawn, in which colour of the report's style sheet. */
const PANELS: readonly { series: Series; label: string; height: number }[] = [
  { series: 'produced', label: 'produced', height: 96 },
  { series: 'handled', label: 'handled', height: 150 },
  { series: 'retried', label: 'retried in place, or handed to a tier', height: 110 },
  { series: 'deadLettered', label: 'dead-lettered', height: 110 },
];

/**
 * The run over time as SVG documents, one below the other on the same axis of time: the outages by name, then one
 * panel for each series with the outages shaded. Colours are CSS variables, text is `currentColor`, so that one
 * plot is good on light and on dark.
 */
export function timelinePlots(timeline: TimelineSnapshot): string[] {
  const seconds = Math.max(1, timeline.duration / 1_000);
  const outages = timeline.outages.map((outage, row) => ({ ...inSeconds(outage), row }));
  return [
    outagePlot(outages, seconds),
    ...PANELS.map((panel, i) => panelPlot(panel, i, timeline, outages, seconds)),
  ];
}

interface OutageRow {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly row: number;
}

function inSeconds({ label, from, to }: Outage) {
  return { label, from: from / 1_000, to: to / 1_000 };
}

/** One bar for each outage, its name beside it: on the side where there is more room. */
function outagePlot(outages: readonly OutageRow[], seconds: number): string {
  const before = (outage: OutageRow) => outage.from > seconds - outage.to;
  return svg({
    height: 8 + 22 * outages.length,
    marginTop: 4,
    marginBottom: 4,
    x: { domain: [0, seconds], axis: null },
    y: { type: 'band', domain: outages.map(({ row }) => row), axis: null, padding: 0.25 },
    marks: [
      Plot.barX(outages, { x1: 'from', x2: 'to', y: 'row', fill: 'var(--outage-bar)', rx: 3 }),
      ...[true, false].map((isBefore) =>
        Plot.text(
          outages.filter((outage) => before(outage) === isBefore),
          {
            x: isBefore ? 'from' : 'to',
            y: 'row',
            text: 'label',
            textAnchor: isBefore ? 'end' : 'start',
            dx: isBefore ? -8 : 8,
            fill: 'currentColor',
          },
        ),
      ),
    ],
  });
}

function panelPlot(
  panel: (typeof PANELS)[number],
  index: number,
  { bins, binWidth }: TimelineSnapshot,
  outages: readonly OutageRow[],
  seconds: number,
): string {
  const { series, label, height } = panel;
  const perSecond = 1_000 / binWidth;
  const rates = bins.map((bin) => ({
    from: bin.from / 1_000,
    to: Math.min(seconds, (bin.from + binWidth) / 1_000),
    rate: bin[series] * perSecond,
  }));
  const top = Math.max(1, ...rates.map(({ rate }) => rate));
  const isLast = index === PANELS.length - 1;
  return svg({
    height: isLast ? height + 18 : height,
    marginTop: 22,
    marginBottom: isLast ? 34 : 10,
    x: {
      domain: [0, seconds],
      label: isLast ? 'seconds since the start' : null,
      labelAnchor: 'center',
      labelArrow: 'none',
      axis: isLast ? 'bottom' : null,
    },
    y: { domain: [0, top * 1.05], ticks: 3, label: null, grid: true, nice: true },
    marks: [
      Plot.rectX(outages, { x1: 'from', x2: 'to', fill: 'var(--outage)' }),
      Plot.rectY(rates, {
        x1: 'from',
        x2: 'to',
        y: 'rate',
        fill: `var(--${series})`,
        insetLeft: 0.5,
        insetRight: 0.5,
        title: ({ from, rate }: { from: number; rate: number }) => `${from.toFixed(2)} s: ${rate} films/s`,
      }),
      Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
      Plot.text([label], {
        frameAnchor: 'top-left',
        dy: -18,
        fontWeight: 600,
        fill: `var(--${series}-text)`,
      }),
    ],
  });
}

function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({
    width: WIDTH,
    marginLeft: MARGIN_LEFT,
    marginRight: MARGIN_RIGHT,
    style: { fontSize: '12px', background: 'none', overflow: 'visible' },
    ...options,
    document: document as unknown as Document,
  });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return plot.outerHTML;
}
