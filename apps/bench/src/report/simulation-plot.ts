import * as Plot from '@observablehq/plot';
import type { SimulationRow } from '../simulation/run-simulation.js';
import { svg } from './plot.js';

/** ms at which a bar ends where some clients never recovered. */
const NEVER = 300_000;

interface Panel {
  readonly label: string;
  readonly value: (row: SimulationRow) => number;
}

const PANELS: readonly Panel[] = [
  { label: 'seconds until all had recovered', value: ({ recovery }) => Math.min(recovery, NEVER) / 1_000 },
  { label: 'failed calls for each client and outage', value: ({ wasted }) => wasted },
  { label: 'busiest 100 ms, in times what the broker can serve', value: ({ peak }) => peak },
];

/** The rows of one scenario, one plot for each measure: bars without a budget, ticks with one. */
export function simulationPlots(rows: readonly SimulationRow[]): string[] {
  return PANELS.map((panel) => panelPlot(panel, rows));
}

function panelPlot({ label, value }: Panel, rows: readonly SimulationRow[]): string {
  const bars = rows.map((row) => ({ ...row, value: Math.max(value(row), 0.1) }));
  return svg({
    width: 620,
    height: 20 * rows.length + 60,
    marginLeft: 100,
    marginRight: 110,
    marginTop: 26,
    marginBottom: 34,
    x: {
      type: 'log',
      label,
      labelAnchor: 'center',
      labelArrow: 'none',
      grid: true,
      ticks: 5,
      tickFormat: '~g',
    },
    y: { type: 'band', label: null, padding: 0.2 },
    fy: { label: null, padding: 0.15 },
    marks: [
      Plot.barX(
        bars.filter(({ budget }) => !budget),
        {
          x1: 0.1,
          x2: 'value',
          y: 'jitter',
          fy: 'strategy',
          fill: (row) => (row.strategy === 'predictive' ? 'var(--velo)' : 'var(--obvious)'),
          rx: 2,
        },
      ),
      Plot.tickX(
        bars.filter(({ budget }) => budget),
        { x: 'value', y: 'jitter', fy: 'strategy', stroke: 'var(--rust)', strokeWidth: 2.5 },
      ),
    ],
  });
}
