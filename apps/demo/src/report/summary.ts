import type { RetryMetricsSnapshot } from '@velo/kafkajs';
import type { InputSurvey } from '../films/input.js';
import { formatCount, formatMs, formatShare, formatWait } from '../format.js';
import type { Scoreboard } from './scoreboard.js';
import type { TallyResult } from './tally.js';
import type { TimelineSnapshot } from './timeline.js';

/** One table of the summary, for the terminal and the report alike. */
export interface SummaryTable {
  readonly title: string;
  /** Where its numbers come from, or what they mean. */
  readonly note?: string;
  /** The first column is text; the others are numbers unless `text` names them. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of text, the first always. */
  readonly text?: readonly number[];
}

/** Everything that is known at the end of a run. */
export interface RunResult {
  readonly survey: InputSurvey;
  readonly tally: TallyResult;
  readonly scoreboard: Scoreboard;
  readonly timeline: TimelineSnapshot;
  /** velo's tiers, ms. */
  readonly tiers: readonly number[];
  readonly metrics: RetryMetricsSnapshot;
}

export function summaryTables(run: RunResult): SummaryTable[] {
  const tables = [
    outcomes(run),
    attempts(run),
    failures(run),
    metricsTable(run),
    tierLateness(run),
    deadLetters(run),
    outages(run),
  ];
  if (run.survey.badLines > 0) tables.push(badLines(run));
  return tables.filter((table) => table.rows.length > 0);
}

function outcomes({ tally, scoreboard, tiers }: RunResult): SummaryTable {
  const { produced } = tally;
  const row = (label: string, films: number) => [label, formatCount(films), formatShare(films, produced)];
  const first = new Map(scoreboard.attempts.entries()).get(1) ?? 0;
  const inTier = new Map(scoreboard.handledByTier.entries());
  const inPlace = (inTier.get(0) ?? 0) - first;
  const doubles = tally.duplicates.output + tally.duplicates.deadLetters + tally.duplicates.source;
  return {
    title: 'Outcome',
    note: 'handled, dead-lettered, lost and doubles: counted from the topics; the indented: from velo’s events',
    head: ['', 'films', 'share'],
    rows: [
      row('handled', tally.handled),
      row('  at the first attempt', first),
      row('  after a retry in place', inPlace),
      ...tiers.map((wait, index) => row(`  in the tier of ${formatWait(wait)}`, inTier.get(index + 1) ?? 0)),
      row('dead-lettered', tally.deadLettered),
      row('lost', tally.lost),
      ['doubles (at-least-once)', formatCount(doubles), ''],
    ],
  };
}

function failures({ scoreboard }: RunResult): SummaryTable {
  return {
    title: 'Failed attempts of the handler',
    note: 'and what came next; only a Kafka client’s errors get Kafka’s categories, a handler’s own are Unknown',
    head: ['category', 'what', 'in place', 'to a tier', 'dead-lettered'],
    rows: [...scoreboard.failures.values()].map(({ category, what, inPlace, handedOff, deadLettered }) => [
      category,
      what,
      ...[inPlace, handedOff, deadLettered].map(formatCount),
    ]),
    text: [1],
  };
}

/** What velo's own metrics counted: the handler's attempts and those of the producers. */
function metricsTable({ metrics }: RunResult): SummaryTable {
  const { attemptsTotal, successesTotal, timeoutsTotal, errorsByCategory } = metrics;
  const errors = Object.entries(errorsByCategory).filter(([, count]) => count > 0);
  return {
    title: 'All attempts, by velo’s metrics',
    note: 'of the handler and of the producers: sends that a broker refused are tried again, too',
    head: ['', 'attempts'],
    rows: [
      ['attempts', formatCount(attemptsTotal)],
      ['  succeeded', formatCount(successesTotal)],
      ...errors.map(([category, count]) => [`  failed: ${category}`, formatCount(count)]),
      ...(timeoutsTotal > 0 ? [['  timed out', formatCount(timeoutsTotal)]] : []),
    ],
  };
}

/** Handled films by how many attempts they needed, the rare ones of many together. */
function attempts({ scoreboard }: RunResult): SummaryTable {
  const { attempts } = scoreboard;
  const groups: readonly [label: string, from: number, to: number][] = [
    ['1', 1, 1],
    ['2', 2, 2],
    ['3', 3, 3],
    ['4 to 6', 4, 6],
    ['7 to 9', 7, 9],
    ['10 and more', 10, Number.POSITIVE_INFINITY],
  ];
  const rows = groups.map(([label, from, to]) => {
    const films = attempts
      .entries()
      .reduce((sum, [needed, n]) => (needed >= from && needed <= to ? sum + n : sum), 0);
    return [label, formatCount(films), formatShare(films, attempts.count)];
  });
  return {
    title: 'Attempts of the handled films',
    note: `${attempts.mean.toFixed(2)} on average, ${attempts.max} at most`,
    head: ['attempts', 'films', 'share'],
    rows: rows.filter(([, films]) => films !== '0'),
  };
}

function tierLateness({ scoreboard, tiers }: RunResult): SummaryTable {
  const rows = tiers.flatMap((wait, index) => {
    const late = scoreboard.lateness.get(index + 1);
    if (late === undefined) return [];
    const quantiles = [late.quantile(0.5), late.quantile(0.99), late.max].map(formatMs);
    return [[formatWait(wait), formatCount(scoreboard.handOffs.get(index + 1) ?? 0), ...quantiles]];
  });
  return {
    title: 'How late the tiers were',
    note: 'from the moment a film was due to its start; a tier whose films fail waits for their retries in place',
    head: ['tier', 'films in', 'median', '99 %', 'most'],
    rows,
  };
}

function deadLetters({ tally }: RunResult): SummaryTable {
  return {
    title: 'Dead letters',
    note: 'reasons as the headers in the dead-letter topic say',
    head: ['reason', 'films', 'for example'],
    rows: tally.deadLetterReasons.map(({ reason, films, example }) => [reason, formatCount(films), example]),
    text: [2],
  };
}

function outages({ timeline }: RunResult): SummaryTable {
  return {
    title: 'Faults',
    head: ['what', 'from', 'for'],
    rows: timeline.outages.map(({ label, from, to }) => [label, seconds(from), seconds(to - from)]),
  };
}

function badLines({ survey }: RunResult): SummaryTable {
  const rest = survey.badLines - survey.firstBadLines.length;
  return {
    title: 'Bad lines of the input, not sent',
    head: ['line', 'problem'],
    rows: [
      ...survey.firstBadLines.map(({ line, problem }) => [String(line), problem]),
      ...(rest > 0 ? [['…', `and ${formatCount(rest)} more`]] : []),
    ],
    text: [1],
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
