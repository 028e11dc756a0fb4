import { basename } from 'node:path';
import type { Colors } from 'picocolors/types.js';
import { describeCluster } from '../cluster/cluster.js';
import type { InputSurvey } from '../films/input.js';
import { formatBytes, formatCount, formatWait, plural, printable } from '../format.js';
import type { DemoOptions } from './options.js';

/** Bad lines that are shown before the run; the report has more. */
const SHOWN_BAD_LINES = 10;

const TITLE = 'velo demo';
const INDENT = ' '.repeat(TITLE.length);

/** What is about to happen, and with what. */
export function introduction(
  { brokers }: DemoOptions,
  survey: InputSurvey,
  tiers: readonly number[],
  colors: Colors,
): string[] {
  const films = `${plural(survey.records, 'film')} of ${printable(basename(survey.path))} (${formatBytes(survey.bytes)})`;
  const waits = tiers.map(formatWait).join(', ');
  return [
    `${colors.bold(TITLE)}  ${films},`,
    `${INDENT}  through ${describeCluster(brokers)}`,
    ...(brokers === undefined
      ? []
      : [`${INDENT}  a real Kafka: no faults of its brokers, only those of topic and service`]),
    `${INDENT}  ${colors.dim(`3 attempts in place, tiers of ${waits}, then dead letters`)}`,
    ...badLines(survey, colors),
    '',
  ];
}

function badLines({ badLines, firstBadLines, path }: InputSurvey, colors: Colors): string[] {
  if (badLines === 0) return [];
  const shown = firstBadLines
    .slice(0, SHOWN_BAD_LINES)
    .map(({ line, problem }) => `  line ${line}: ${problem}`);
  const rest = badLines - shown.length;
  return [
    '',
    colors.yellow(
      `${plural(badLines, 'line')} of ${printable(basename(path))} cannot be sent; the others go on:`,
    ),
    ...shown,
    ...(rest > 0 ? [`  … and ${formatCount(rest)} more; the report names the first hundred`] : []),
  ];
}
