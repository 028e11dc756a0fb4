import { writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { CommanderError } from '@commander-js/extra-typings';
import picocolors from 'picocolors';
import { DemoError } from './demo-error.js';
import { formatBytes, printable } from './format.js';
import { prepareReport, reportHtml } from './report/report.js';
import { summaryTables } from './report/summary.js';
import { faultsOf, lastLine } from './report/tally.js';
import { terminalTable } from './report/terminal-table.js';
import { type DemoOptions, parseOptions } from './run/options.js';
import { runDemo } from './run/run-demo.js';

const EXIT_WRONG_ARGUMENTS = 2;
const EXIT_INTERRUPTED = 130;

/** Of a path that is shown, in characters. */
const MAX_PATH = 4_096;

/** The widest that tables get, in characters. */
const MAX_WIDTH = 120;

// V8 would let the heap grow to several times what lives in it; the demo is to be small rather than fast.
setFlagsFromString('--heap-growing-percent=30');

// kafkajs, which reads all topics back, sets a timer in the past, and Node 24 warns of it: that is nothing for who looks at a demo.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') console.error(`${name}: ${message}`);
});

process.exitCode = await main();

async function main(): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () =>
      interrupt.abort(new DemoError('interrupted: nothing was counted', EXIT_INTERRUPTED)),
    );
  }
  process.stdout.on('error', () =>
    interrupt.abort(new DemoError('the output is closed: nothing was counted')),
  );
  try {
    return await demo(options(), interrupt.signal);
  } catch (error) {
    return explainEnd(interrupt.signal.aborted ? interrupt.signal.reason : error);
  }
}

async function demo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  // In CI picocolors colours pipes too, where the last line is read by machines.
  const colors = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true);
  await prepareReport(options.report);
  const run = await runDemo({ options, output: process.stdout, colors, signal });
  const context = { cluster: run.cluster, client: options.client, finished: new Date() };
  await writeFile(options.report, reportHtml(run, context));

  const width = Math.min(MAX_WIDTH, process.stdout.columns ?? MAX_WIDTH);
  for (const table of summaryTables(run)) console.log(`\n${terminalTable(table, width, colors)}`);
  const faults = faultsOf(run.tally, run.survey.records);
  for (const fault of faults) console.log(`\n${colors.red(`does not add up: ${fault}`)}`);
  console.log(`\nReport  ${printable(options.report, MAX_PATH)}`);
  console.log(`Memory  ${formatBytes(process.resourceUsage().maxRSS * 1_024)} at most\n`);
  console.log(colors.bold(lastLine(run.tally)));
  return faults.length === 0 ? 0 : 1;
}

function options(): DemoOptions {
  return parseOptions(process.argv.slice(2), {
    env: process.env,
    cwd: process.cwd(),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  });
}

/** The exit status for an error, and its text where it has not been shown. */
function explainEnd(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_ARGUMENTS;
  const known = error instanceof DemoError;
  console.error(`\n${known ? error.message : describe(error)}`);
  return known ? error.exitCode : 1;
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return process.env.VELO_DEMO_DEBUG === undefined
    ? `the demo failed: ${text}\nVELO_DEMO_DEBUG=1 shows where.`
    : `the demo failed: ${(error as Error).stack ?? text}`;
}
