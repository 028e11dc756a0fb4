import { CLIENTS } from '../throughput/clients.js';
import type { ThroughputRow } from '../throughput/run-throughput.js';
import type { ClientName, ConsumeResult } from '../throughput/task.js';
import type { ReportTable } from './table.js';

/** The design's goal with failures, as a share of velo's throughput without. */
const FAILING_GOAL = 0.8;

const NAMES = {
  none: 'no failures',
  'in-place': '10 % fail once, in place',
  tier: '10 % fail once, through a tier',
};

/** One row for each way, with its ratio: to the bare client, or to velo without failures. */
export function throughputTable(rows: readonly ThroughputRow[], client: ClientName): ReportTable {
  const bareName = `${client} alone`;
  return {
    title: 'Consumer throughput',
    note: 'Medians of rounds in turn; ratios are medians of the rounds’ ratios, by the clock and by processor time.',
    head: ['handler', 'consumer', 'records/s', 'per CPU s', 'ratio', 'by CPU', 'to', 'goal'],
    rows: rows.map((row) => {
      const reference = referenceOf(row, rows);
      const own = [row.handler, row.contender === 'bare' ? bareName : `velo, ${NAMES[row.failing]}`];
      const speeds = [count(median(row.rounds.map(byClock))), count(median(row.rounds.map(byCpu)))];
      if (reference === undefined) return [...own, ...speeds, '1', '1', '', ''];
      const isToBare = reference.contender === 'bare';
      const goal = isToBare ? CLIENTS[client].goal : FAILING_GOAL;
      const ratios = [byClock, byCpu].map((speed) =>
        ratioOf(row.rounds.map(speed), reference.rounds.map(speed)),
      );
      const reached = (ratios[0] as number) >= goal;
      return [
        ...own,
        ...speeds,
        ...ratios.map((ratio) => ratio.toFixed(2)),
        isToBare ? bareName : 'velo, no failures',
        `${goal} ${reached ? 'reached' : 'not reached'}`,
      ];
    }),
    text: [0, 1, 6, 7],
  };
}

const byClock = ({ perSecond }: ConsumeResult) => perSecond;
const byCpu = ({ perCpuSecond }: ConsumeResult) => perCpuSecond;

function referenceOf(row: ThroughputRow, rows: readonly ThroughputRow[]): ThroughputRow | undefined {
  const find = (contender: ThroughputRow['contender']) =>
    rows.find(
      (other) => other.contender === contender && other.failing === 'none' && other.handler === row.handler,
    );
  if (row.contender === 'bare') return undefined;
  return row.failing === 'none' ? find('bare') : find('velo');
}

/** The median of the ratios of rounds that were made one after the other. */
export function ratioOf(rounds: readonly number[], reference: readonly number[]): number {
  return median(rounds.map((value, index) => value / (reference[index] as number)));
}

export function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const count = (value: number) => Math.round(value).toLocaleString('en-US');
