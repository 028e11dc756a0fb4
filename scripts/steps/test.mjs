import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { isNewer, newerNode } from '../newer-node/index.mjs';
import { ROOT, run } from './run-command.mjs';

const FOLDER = join(ROOT, 'node_modules', '.cache', 'velo');
/** Where tests lie that the oldest Node cannot run. */
const NEEDS_NEWER = join('packages', 'platformatic');

function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch {
    return [];
  }
}

const folderOf = (file) => relative(ROOT, file).split('/').slice(0, 2).join('/');

/** A file that could not even be loaded is one failure. */
function countFile({ status, assertionResults, startTime, endTime }) {
  const count = (...states) => assertionResults.filter((test) => states.includes(test.status)).length;
  const failed = count('failed');
  return {
    passed: count('passed'),
    failed: status === 'failed' && failed === 0 ? 1 : failed,
    skipped: count('skipped', 'pending', 'todo', 'disabled'),
    ms: Math.max(0, endTime - startTime),
  };
}

/** Sums for each package, in order. */
function countByFolder(testResults) {
  const rows = new Map();
  for (const file of testResults) {
    const folder = folderOf(file.name);
    const row = rows.get(folder) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 };
    const counted = countFile(file);
    for (const key of Object.keys(row)) row[key] += counted[key];
    rows.set(folder, row);
  }
  return [...rows].sort(([a], [b]) => a.localeCompare(b));
}

function print(rows) {
  const line = (...cells) =>
    console.log(
      cells[0].padEnd(24) +
        cells
          .slice(1)
          .map((cell) => String(cell).padStart(9))
          .join(''),
    );
  line('\npackage', 'passed', 'failed', 'skipped', 'time');
  for (const [folder, { passed, failed, skipped, ms }] of rows) {
    line(folder, passed, failed, skipped, `${(ms / 1000).toFixed(1)} s`);
  }
  console.log();
}

/** Of a failure's message, which may hold a whole comparison. */
const LINES_OF_FAILURE = 40;

/** What failed, once more beside the sum: a log of half an hour may be cut off, and its end is where people look. */
function tellFailures(testResults) {
  const tell = (file, name, message) => {
    const lines = stripVTControlCharacters(message)
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^ +at .*(node_modules|<anonymous>)/.test(line))
      .slice(0, LINES_OF_FAILURE)
      .map((line) => `     ${line}\n`);
    console.log(`FAIL ${relative(ROOT, file)}${name}\n${lines.join('')}`);
  };
  for (const { name: file, status, message, assertionResults } of testResults) {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages } of failed)
      tell(file, ` > ${fullName}`, failureMessages.join('\n'));
    if (status === 'failed' && failed.length === 0) tell(file, '', message);
  }
}

/** One run of vitest; gives its exit code and what it says of each file. */
async function runVitest(node, name, args) {
  const result = join(FOLDER, `${name}.json`);
  rmSync(result, { force: true });
  const code = await run(node, [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${result}`,
    '--passWithNoTests',
    ...args,
  ]);
  return { code, testResults: readResult(result) };
}

const NOTHING = { code: 0, testResults: [] };

/** Whether the arguments name projects, and none of them is there. */
const isElsewhere = (args) => args.includes('--project') && !args.some((arg) => arg.includes('platformatic'));

/** What this Node cannot run, on one that can; nothing where this one can run all. */
async function runOnNewer(args) {
  if (isNewer(process.versions.node) || isElsewhere(args)) return NOTHING;
  const node = newerNode();
  if (node === undefined) {
    console.log(
      `${NEEDS_NEWER} is left out: its client needs Node 22.22, 24.6 or newer. Run npm test with one.`,
    );
    return NOTHING;
  }
  return runVitest(node, 'tests-on-newer-node', ['--root', NEEDS_NEWER, ...args]);
}

/** All tests of all packages; the last line is the sum. Gives the exit code. */
export async function test(args) {
  mkdirSync(FOLDER, { recursive: true });
  const runs = [await runVitest(process.execPath, 'tests', args), await runOnNewer(args)];

  const testResults = runs.flatMap((each) => each.testResults);
  const rows = countByFolder(testResults);
  print(rows);
  tellFailures(testResults);
  const sum = (key) => rows.reduce((total, [, row]) => total + row[key], 0);
  const [passed, skipped] = [sum('passed'), sum('skipped')];
  let failed = sum('failed');
  if (runs.some(({ code }) => code !== 0) && failed === 0) {
    console.log('vitest failed outside of any test; see above');
    failed = 1;
  }
  if (passed + failed === 0) console.log('no test ran');
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 || passed === 0 ? 1 : 0;
}
