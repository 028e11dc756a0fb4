import { CommanderError } from '@commander-js/extra-typings';
import { type CommandLine, parseOptions } from './options.js';
import { lastLine, summary } from './report/summary.js';
import { type ChaosResult, runChaos } from './run-chaos.js';

const EXIT_WRONG_ARGUMENTS = 2;
const EXIT_INTERRUPTED = 130;

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupt.abort(new Error('interrupted')));
}
process.exitCode = await main();

async function main(): Promise<number> {
  let options: CommandLine;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_ARGUMENTS;
    throw error;
  }
  const { seed, client, handOff, concurrency, keepKeyOrder, scale } = options;
  console.log(
    `chaos with ${client}, ${handOff}, ${concurrency} at once${keepKeyOrder ? ', keys in order' : ''}: ${scale.records} records, seed ${seed} (--seed ${seed} repeats it)`,
  );
  try {
    return report(await runChaos({ ...options, tell: console.log, signal: interrupt.signal }));
  } catch (error) {
    console.error(`\nthe run with seed ${seed} could not go on:`, error);
    return interrupt.signal.aborted ? EXIT_INTERRUPTED : 1;
  }
}

function report({ verdict, crew, timeline, recoveries, troubles }: ChaosResult): number {
  console.log(`\n${summary(verdict, { crew, timeline, recoveries })}`);
  for (const trouble of troubles) console.log(`TROUBLE: ${trouble}`);
  console.log(`\n${lastLine(verdict)}`);
  return verdict.faults.length === 0 && troubles.length === 0 ? 0 : 1;
}
