import type { SimulationRow } from '../simulation/run-simulation.js';
import { scenarios } from '../simulation/scenarios.js';
import { formatRatio } from './format.js';
import type { ReportTable } from './table.js';

const seconds = (ms: number) => (Number.isFinite(ms) ? (ms / 1_000).toFixed(1) : 'not all');

/** One table for each scenario. */
export function simulationTables(rows: readonly SimulationRow[]): ReportTable[] {
  return scenarios
    .map(({ id, title }) => ({ title, own: rows.filter(({ scenario }) => scenario === id) }))
    .filter(({ own }) => own.length > 0)
    .map(({ title, own }) => ({
      title,
      head: ['strategy', 'jitter', 'budget', 'recovered, s', 'worst, s', 'wasted calls', 'peak', 'given up'],
      rows: own.map((row) => [
        row.strategy,
        row.jitter,
        row.budget ? 'on' : 'off',
        seconds(row.recovery),
        seconds(row.worstRecovery),
        row.wasted.toFixed(1),
        `x ${formatRatio(row.peak)}`,
        row.givenUp.toFixed(2),
      ]),
      text: [0, 1, 2],
    }));
}

/** What each strategy makes of all scenarios at its best jitter: fewer wasted calls and a shorter recovery are better. */
export function standingsTable(rows: readonly SimulationRow[]): ReportTable {
  const equal = rows.filter(({ jitter, budget }) => jitter === 'equal' && !budget);
  const strategies = [...new Set(equal.map(({ strategy }) => strategy))];
  const find = (strategy: string, scenario: string) =>
    equal.find((row) => row.strategy === strategy && row.scenario === scenario);
  return {
    title: 'All strategies with equal jitter, without a budget',
    note: 'Seconds until all had recovered (median outage) / failed calls for each client and outage.',
    head: ['strategy', ...scenarios.map(({ id }) => id)],
    rows: strategies.map((strategy) => [
      strategy,
      ...scenarios.map(({ id }) => {
        const row = find(strategy, id);
        return row === undefined ? '-' : `${seconds(row.recovery)} / ${row.wasted.toFixed(1)}`;
      }),
    ]),
  };
}
