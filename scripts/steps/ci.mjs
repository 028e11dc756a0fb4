import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { capture } from './run-command.mjs';

/** The tests come last: their sum is the last line. */
const STEPS = [['lint'], ['bench', '--check'], ['test']];

/** What is told again of a step that failed: a log's beginning may be cut off, and its end is where people look. */
const LINES_TOLD_AGAIN = 40;

async function runStep(args) {
  const script = join('scripts', 'run.mjs');
  const { code, output } = await capture(process.execPath, [script, ...args], { passOn: true });
  return { name: args.join(' '), code, lines: linesOf(output) };
}

const linesOf = (output) => stripVTControlCharacters(output).trimEnd().split(/\r?\n/);

/** Limits on speed that were broken, or checks that failed with what they said: each step marks its own. */
function tellAgain({ name, code, lines }) {
  const first = lines.findIndex((line) => /^FAIL |BROKEN/.test(line));
  const shown = first === -1 ? lines.slice(-LINES_TOLD_AGAIN) : lines.slice(first, first + LINES_TOLD_AGAIN);
  console.log(`\n${name} failed (exit code ${code}):\n${shown.join('\n')}\n`);
}

/** All checks, the limits on speed, all tests; a check or limit that failed counts as one failure more. Gives the exit code. */
export async function ci() {
  const steps = [];
  for (const args of STEPS) steps.push(await runStep(args));
  const failed = steps.filter(({ code }) => code !== 0);
  const others = failed.filter(({ name }) => name !== 'test');
  if (others.length === 0) return failed.length > 0 ? 1 : 0;
  for (const step of others) tellAgain(step);
  const sum = steps.at(-1).lines.at(-1);
  console.log(sum.replace(/(\d+) failed/, (_, count) => `${Number(count) + others.length} failed`));
  return 1;
}
