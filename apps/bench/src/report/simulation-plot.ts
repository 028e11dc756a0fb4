import * as Plot from '@observablehq/plot';
import type { SimulationRow } from '../simulation/run-simulation.js';
import { svg } from './plot.js';

/** ms at which a bar ends where some clients never recovered. */
const NEVER = 300_000;

interface Panel {
  readonly label: string;
  readonly value: (row: SimulationRow) => number;
  /** The same for all scenarios, so that they can be compared. */
  readonly domain: readonly [from: number, to: number];
  readonly ticks: readonly number[];
}

const PANELS: readonly Panel[] = [
  {
    label: 'seconds until all had recovered',
    value: ({ recovery }) => Math.min(recovery, NEVER) / 1_000,
    domain: [1, 300],
    ticks: [1, 3, 10, 30, 100, 300],
  },
  {
    label: 'failed calls, each client and outage',
    value: ({ wasted }) => wasted,
    domain: [1, 100],
    ticks: [1, 3, 10, 30, 100],
  },
  {
    label: 'busiest 100 ms, of what the broker can serve',
    value: ({ peak }) => peak,
    domain: [0.3, 20],
    ticks: [0.3, 1, 3, 10, 20],
  },
];

/** The rows of one scenario, one plot for each measure: bars without a budget, ticks with one. */
export function simulationPlots(rows: readonly SimulationRow[]): string[] {
  return PANELS.map((panel) => panelPlot(panel, rows));
}

function panelPlot({ label, value, domain, ticks }: Panel, rows: readonly SimulationRow[]): string {
  const [least, most] = domain;
  const bars = rows.map((row) => ({ ...row, value: Math.min(Math.max(value(row), least), most) }));
  const strategies = [...new Set(rows.map(({ strategy }) => strategy))];
  return svg({
    width: 330,
    height: 58 * strategies.length + 74,
    marginLeft: 80,
    marginRight: 14,
    marginTop: 20,
    marginBottom: 40,
    style: { fontSize: '11px', background: 'none', overflow: 'visible' },
    x: {
      type: 'log',
      domain: [...domain],
      ticks: [...ticks],
      tickFormat: '~g',
      label,
      labelAnchor: 'center',
      labelArrow: 'none',
      grid: true,
    },
    y: {
      type: 'band',
      domain: [...new Set(rows.map(({ jitter }) => jitter))],
      label: null,
      padding: 0.15,
      tickSize: 0,
    },
    fy: { domain: strategies, axis: null, padding: 0.32 },
    marks: [
      Plot.barX(
        bars.filter(({ budget }) => !budget),
        {
          x1: least,
          x2: 'value',
          y: 'jitter',
          fy: 'strategy',
          fill: ({ strategy }) => (strategy === 'predictive' ? 'var(--velo)' : 'var(--obvious)'),
        },
      ),
      Plot.tickX(
        bars.filter(({ budget }) => budget),
        { x: 'value', y: 'jitter', fy: 'strategy', stroke: 'var(--rust)', strokeWidth: 2.5 },
      ),
      Plot.text(strategies, {
        fy: (strategy: string) => strategy,
        text: (strategy: string) => strategy,
        frameAnchor: 'top-left',
        dy: -13,
        fontWeight: 600,
        fill: 'currentColor',
      }),
    ],
  });
}
