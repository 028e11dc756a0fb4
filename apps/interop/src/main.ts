import { CommanderError } from '@commander-js/extra-typings';
import { javaAvailable } from '@velo/testkit';
import { type CommandLine, parseOptions } from './options.js';
import { lastLine, table } from './report/table.js';
import { runInterop } from './run-interop.js';

const EXIT_WRONG_ARGUMENTS = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: CommandLine;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_ARGUMENTS;
    throw error;
  }
  if (!javaAvailable()) {
    console.log('nothing was checked');
    return 0;
  }
  try {
    const checks = await runInterop({ ...options, tell: console.log });
    console.log(`\n${table(checks)}\n\n${lastLine(checks)}`);
    return checks.every(({ faults }) => faults.length === 0) ? 0 : 1;
  } catch (error) {
    console.error('\nthe run could not go on:', error);
    return 1;
  }
}
