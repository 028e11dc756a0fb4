import type { BenchResult } from '../micro/run-all.js';
import { benchTables, goalTable, pathTable } from './bench-tables.js';
import { htmlReport } from './html.js';
import { pathPlot } from './plot.js';

const LEGEND = [
  ['velo', 'velo'],
  ['before', "the specification's “before”"],
  ['obvious', 'the obvious JavaScript'],
  ['tried', 'tried, not kept'],
  ['peer', 'packages that do the same job'],
  ['rust', "the specification's Rust"],
] as const;

/** The run as one HTML document: bars on a log scale, the references beside. */
export function benchHtml(result: BenchResult): string {
  const tables = benchTables(result);
  const rest = tables.slice(1 + result.paths.length);
  return htmlReport({
    title: "velo's hot paths",
    subtitle: subtitle(result),
    legend: LEGEND,
    sections: [
      ...result.paths.map((path) => ({ title: path.title, plots: [pathPlot(path)], table: pathTable(path) })),
      { title: 'Goals', table: goalTable(result.verdicts) },
      ...rest.map((table) => ({
        title: table.title,
        ...(table.note === undefined ? undefined : { note: table.note }),
        table,
      })),
    ],
    footer:
      'Nanoseconds for one call without the loop around it: the median block of the best round. Each path in a process of its own, all cases in turn.',
  });
}

/** What it was measured on. */
export function subtitle({ machine, rustMissing }: BenchResult): string {
  const { cpu, cores, node, v8, load } = machine;
  const rust = rustMissing === undefined ? '' : `; no Rust to compare with: ${rustMissing}`;
  return `${cpu}, ${cores} cores, load ${load}; Node ${node}, V8 ${v8}${rust}.`;
}
