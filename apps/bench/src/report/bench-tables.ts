import type { Verdict } from '../check/verdict.js';
import type { BenchResult } from '../micro/run-all.js';
import type { CaseResult, PathResult } from '../micro/run-path.js';
import { formatBytes, formatNs, formatRatio } from './format.js';
import type { ReportTable } from './table.js';

/** All of a run: the paths, the goals, the specification's limits, the worker threads. */
export function benchTables(result: BenchResult): ReportTable[] {
  return [
    goalTable(result.verdicts),
    ...result.paths.map(pathTable),
    limitTable(result),
    ...(result.workers.length > 0 ? [workerTable(result)] : []),
  ];
}

export function pathTable({ title, cases }: PathResult): ReportTable {
  const own = cases.find(({ kind }) => kind === 'velo') as CaseResult;
  return {
    title,
    head: ['', '', 'ns', 'without loop', 'p99', 'bytes', `of ${own.name}`],
    rows: cases.map((each) => [
      each.name,
      each.kind,
      formatNs(each.ns),
      formatNs(each.net),
      formatNs(each.p99),
      formatBytes(each.bytes),
      each === own ? '1' : formatRatio(each.net / own.net),
    ]),
    text: [0, 1],
  };
}

export function goalTable(verdicts: readonly Verdict[]): ReportTable {
  return {
    title: 'Goals',
    note: 'Ratios of times without the loop, both measured in turn in one run.',
    head: ['path', 'what', 'against', 'goal', 'measured', ''],
    rows: verdicts.map(({ goal, measured, reached, kept }) => [
      goal.path,
      goal.case,
      goal.against,
      goal.against === 'ns' || goal.against === 'bytes' ? `${goal.most}` : `x ${goal.most}`,
      goal.against === 'ns' || goal.against === 'bytes' ? measured.toFixed(1) : `x ${measured.toFixed(2)}`,
      reached
        ? 'reached'
        : kept
          ? goal.accepted === undefined
            ? 'within the margin'
            : 'not reached'
          : 'BROKEN',
    ]),
    text: [0, 1, 2, 5],
  };
}

function limitTable({ limits }: BenchResult): ReportTable {
  return {
    title: "The specification's limits",
    note: 'Microseconds; the first run is of an engine that has compiled nothing yet.',
    head: ['', 'limit', 'measured', 'first run'],
    rows: limits.map(({ name, limit, measured, cold }) => [
      name,
      limit.toLocaleString('en-US'),
      measured.toFixed(1),
      cold.toFixed(1),
    ]),
  };
}

function workerTable({ workers }: BenchResult): ReportTable {
  return {
    title: 'Metrics across worker threads',
    note: 'Processor time of all threads for one event, while the main thread takes snapshots.',
    head: ['', 'workers', 'events', 'lost', 'ns', 'snapshots'],
    rows: workers.map(({ kind, workers: count, events, lost, cpuNs, snapshots }) => [
      kind === 'shared' ? 'SharedRetryMetrics' : 'Atomics.add',
      String(count),
      events.toLocaleString('en-US'),
      String(lost),
      formatNs(cpuNs),
      String(snapshots),
    ]),
  };
}
