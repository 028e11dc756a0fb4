import { access, constants, mkdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DemoError } from '../demo-error.js';
import { formatBytes, formatCount, formatMs, plural, printable } from '../format.js';
import { timelinePlots } from './plot.js';
import { REPORT_STYLE } from './report-style.js';
import { type RunResult, type SummaryTable, summaryTables } from './summary.js';
import { faultsOf, lastLine } from './tally.js';

/** Tables that need the whole width. */
const WIDE_TABLES = ['Failed attempts of the handler', 'Dead letters', 'Bad lines of the input, not sent'];

/** What the report says beside the result. */
export interface ReportContext {
  /** Where the films went through. */
  readonly cluster: string;
  readonly client: string;
  readonly finished: Date;
}

/** The report as one HTML document that needs nothing else. */
export function reportHtml(run: RunResult, context: ReportContext): string {
  const tables = summaryTables(run);
  const isWide = ({ title }: SummaryTable) => WIDE_TABLES.includes(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>velo demo: ${escapeHtml(lastLine(run.tally))}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>velo: ${escapeHtml(headline(run))}</h1>
<p class="soft">${escapeHtml(subtitle(run, context))}</p>
</header>
${tiles(run)}
${faultsHtml(run)}
<section>
<h2>The run over time</h2>
<p class="soft">Films a second; shaded: what was out of order on purpose.</p>
<div class="wide"><div class="plot">${timelinePlots(run.timeline).join('\n')}</div></div>
</section>
<div class="columns">
${tables
  .filter((table) => !isWide(table))
  .map(tableHtml)
  .join('\n')}
</div>
${tables.filter(isWide).map(tableHtml).join('\n')}
<footer class="soft">
<p>Counted from the topics: after the run the source, output and dead-letter topics were read back by a plain kafkajs
consumer and compared film by film, by line number and a hash of the bytes.</p>
<p>${escapeHtml(`Node ${process.versions.node}, ${context.client}, finished ${context.finished.toISOString()}`)}</p>
</footer>
</main>
</body>
</html>
`;
}

/**
 * Makes the folders of the report and sees that it can be written: better before the run than after it.
 *
 * @throws {DemoError} if it cannot
 */
export async function prepareReport(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await access(dirname(path), constants.W_OK);
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory()) throw new Error('it is a folder');
    if (existing !== undefined) await access(path, constants.W_OK);
  } catch (error) {
    throw new DemoError(
      `the report ${printable(path)} cannot be written: ${printable((error as Error).message)}`,
    );
  }
}

function headline({ tally, survey }: RunResult): string {
  if (faultsOf(tally, survey.records).length > 0) return 'the count does not add up';
  return `${plural(tally.produced, 'film')} through real faults, none lost`;
}

function subtitle({ survey, timeline }: RunResult, { cluster }: ReportContext): string {
  return `${printable(basename(survey.path))} (${formatBytes(survey.bytes)}) through ${cluster}, in ${formatMs(timeline.duration)}.`;
}

function tiles({ tally }: RunResult): string {
  const tile = (label: string, value: number, kind: string) =>
    `<div class="tile ${kind}"><b>${formatCount(value)}</b>${label}</div>`;
  return `<div class="tiles">
${tile('produced', tally.produced, '')}
${tile('handled', tally.handled, 'handled')}
${tile('dead-lettered', tally.deadLettered, 'dead')}
${tile('lost', tally.lost, tally.lost === 0 ? 'good' : 'bad')}
</div>`;
}

function faultsHtml({ tally, survey }: RunResult): string {
  const faults = faultsOf(tally, survey.records);
  if (faults.length === 0) return '';
  return `<section class="fault"><h2>What does not add up</h2>${faults.map((fault) => `<p>${escapeHtml(fault)}</p>`).join('')}</section>`;
}

function tableHtml({ title, note, head, rows, text = [] }: SummaryTable): string {
  const kind = (cell: string, column: number) => {
    if (column === 0) return cell.startsWith('  ') ? ' class="indented"' : '';
    return text.includes(column) ? ' class="long"' : ' class="number"';
  };
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    row.map((cell, column) => `<${tag}${kind(cell, column)}>${escapeHtml(cell.trim())}</${tag}>`).join('');
  return `<section>
<h2>${escapeHtml(title)}</h2>
${note === undefined ? '' : `<p class="soft">${escapeHtml(note)}</p>`}
<div class="wide"><table>
<thead><tr>${cells('th', head)}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}
</tbody>
</table></div>
</section>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
