import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './run-command.mjs';

/** The tests come last: their sum is the last line. */
const STEPS = [['lint'], ['bench', '--check'], ['test']];

/** What is told again of a step that failed: a log's beginning may be cut off, and its end is where people look. */
const LINES_TOLD_AGAIN = 40;

/** Runs one step with its output passed on; gives its exit code and all that it printed. */
function runStep(args) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'run.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks = [];
  for (const name of ['stdout', 'stderr']) {
    child[name].on('data', (chunk) => {
      chunks.push(chunk);
      process[name].write(chunk);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ name: args.join(' '), code: code ?? 1, lines: linesOf(Buffer.concat(chunks)) }),
    );
  });
}

const linesOf = (bytes) => stripVTControlCharacters(bytes.toString()).trimEnd().split(/\r?\n/);

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
