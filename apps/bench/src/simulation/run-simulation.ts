import { type Contender, contenders } from './contenders.js';
import { type FleetOptions, simulateFleet } from './fleet.js';
import { type Scenario, scenarios } from './scenarios.js';
import { type OutageResult, WINDOW } from './tally.js';

/** What a contender made of a scenario. */
export interface SimulationRow {
  readonly scenario: string;
  readonly strategy: string;
  readonly jitter: string;
  readonly budget: boolean;
  /** ms until all had recovered: the median outage and the worst; Infinity if some did not. */
  readonly recovery: number;
  readonly worstRecovery: number;
  /** Failed calls for each client and outage. */
  readonly wasted: number;
  /** The busiest 100 ms, in times what the broker can serve: the median outage. */
  readonly peak: number;
  /** Operations given up for each client and outage. */
  readonly givenUp: number;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly processes: number;
  readonly clientsEach: number;
  /** Runs with other seeds; their outages are put together. */
  readonly runs: number;
}

/** Calls that the broker serves each second, for each client: some 40 % of it are used in calm times. */
const CAPACITY_EACH = 0.5;
const THINK_TIME = 5_000;

/** Outages at the beginning of a series that are not judged: nothing could have been learned yet. */
const LEARNING = 5;

/** Each contender in each scenario. */
export function runSimulation(
  options: SimulationOptions,
  onRow: (row: SimulationRow) => void = () => {},
): SimulationRow[] {
  return scenarios.flatMap((scenario) =>
    contenders.map((contender) => {
      const row = simulate(scenario, contender, options);
      onRow(row);
      return row;
    }),
  );
}

export function simulate(
  scenario: Scenario,
  contender: Contender,
  options: SimulationOptions,
): SimulationRow {
  const clients = options.processes * options.clientsEach;
  const capacity = clients * CAPACITY_EACH;
  const results: OutageResult[] = [];
  for (let run = 0; run < options.runs; run++) {
    const seed = options.seed + run * 1_000;
    const outages = scenario.outages(seed);
    const fleet: FleetOptions = {
      seed,
      processes: options.processes,
      clientsEach: options.clientsEach,
      thinkTime: THINK_TIME,
      broker: { capacity, patience: 250, refusalCost: 0.25 },
      outages,
      until: (outages.at(-1)?.to ?? 0) + 300_000,
      strategy: contender.make,
      budget: contender.budget,
    };
    results.push(...simulateFleet(fleet).slice(LEARNING));
  }
  const each = (pick: (result: OutageResult) => number) => results.map(pick).sort((a, b) => a - b);
  const median = (sorted: readonly number[]) => sorted[sorted.length >> 1] as number;
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const recoveries = each(({ recovery }) => recovery);
  return {
    scenario: scenario.id,
    strategy: contender.strategy,
    jitter: contender.jitter,
    budget: contender.budget,
    recovery: median(recoveries),
    worstRecovery: recoveries.at(-1) as number,
    wasted: mean(each(({ wasted }) => wasted)) / clients,
    peak: median(each(({ peak }) => peak)) / ((capacity * WINDOW) / 1_000),
    givenUp: mean(each(({ givenUp }) => givenUp)) / clients,
  };
}
