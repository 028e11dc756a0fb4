import colors from 'picocolors';
import { goals } from '../check/goals.js';
import { describe } from '../check/verdict.js';
import { runAll } from '../micro/run-all.js';
import { EFFORTS } from '../micro/run-path.js';
import { paths } from '../paths/paths.js';
import { Progress } from '../progress.js';
import { benchHtml, subtitle } from '../report/bench-report.js';
import { benchTables } from '../report/bench-tables.js';
import { markdown } from '../report/markdown.js';
import { terminalTable } from '../report/terminal.js';
import { writeReports } from '../report/write-reports.js';
import type { WorkersResult } from '../workers/measure-workers.js';

export interface HotPathOptions {
  /** Fails when a limit is broken; shorter. */
  readonly check: boolean;
  /** Beginnings of path ids; all paths if empty. */
  readonly only: readonly string[];
  /** Absolute. */
  readonly folder: string;
}

/** Events that each worker thread counts: enough that a loss would show. */
const EVENTS = 10_000_000;

/** `npm run bench`: the hot paths. Gives the exit code. */
export async function benchHotPaths({ check, only, folder }: HotPathOptions): Promise<number> {
  // What has no goal is measured to be read, and not in CI.
  const wanted = check ? paths.filter(({ id }) => goals.some(({ path }) => path === id)) : paths;
  const chosen =
    only.length === 0 ? wanted : paths.filter(({ id }) => only.some((start) => id.startsWith(start)));
  const result = await runAll({
    paths: chosen,
    effort: check ? EFFORTS.check : EFFORTS.full,
    events: EVENTS,
    workers: only.length > 0 ? [] : check ? [1, 4] : [1, 2, 4, 8],
    repeats: check ? 2 : 0,
    progress: new Progress(process.stderr),
  });
  const tables = benchTables(result);
  for (const table of check ? tables.slice(0, 1) : tables) console.log(`${terminalTable(table)}\n`);
  const files = await writeReports(folder, {
    'velo-bench.json': `${JSON.stringify(result, null, 2)}\n`,
    'velo-bench.md': `${subtitle(result)}\n\n${markdown(tables)}\n`,
    'velo-bench.html': benchHtml(result),
  });
  console.log(`${subtitle(result)}\n${files.join(', ')} (${result.seconds.toFixed(0)} s)\n`);

  const broken = [
    ...result.verdicts.filter(({ kept }) => !kept).map(describe),
    ...result.limits
      .filter(({ measured, limit }) => measured > limit)
      .map(({ name, measured, limit }) => `${name}: ${measured.toFixed(0)} us, limit ${limit} us BROKEN`),
    ...result.workers
      .filter(({ kind, lost }) => kind === 'shared' && lost !== 0)
      .map(({ workers, lost }) => `SharedRetryMetrics lost ${lost} events of ${workers} workers`),
    ...growth(result.workers),
  ];
  const missed = result.verdicts.filter(({ reached, kept }) => kept && !reached).map(describe);
  for (const line of missed) console.log(colors.yellow(line));
  for (const line of broken) console.log(colors.red(line));
  const all = result.verdicts.length + result.limits.length;
  console.log(`${all - broken.length} of ${all} limits kept, ${missed.length} goals not reached`);
  return check && broken.length > 0 ? 1 : 0;
}

/** With more workers, an event may cost so many times what it costs with one. */
const MOST_GROWTH = 1.6;

function growth(workers: readonly WorkersResult[]): string[] {
  const [one, ...more] = workers.filter(({ kind }) => kind === 'shared');
  return more
    .filter(({ cpuNs }) => one !== undefined && cpuNs > one.cpuNs * MOST_GROWTH)
    .map(
      ({ workers: count, cpuNs }) =>
        `SharedRetryMetrics: ${cpuNs.toFixed(1)} ns for each event of ${count} workers, ${one?.cpuNs.toFixed(1)} ns of one BROKEN`,
    );
}
