import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { benchHotPaths } from './commands/hot-paths.js';
import { CLIENT_NAMES } from './throughput/task.js';

const EXIT_WRONG_ARGUMENTS = 2;

const EXAMPLES = `
Examples:
  npm run bench                              all hot paths, about two minutes
  npm run bench -- --only parse,retrier      some of them
  npm run bench -- --check                   fails when a limit is broken; under a minute, for CI
  npm run bench -- simulate                  thousands of clients through outages, each strategy and jitter
  npm run bench -- throughput                a consumer through velo against the bare client
  npm run bench -- concurrency               a consumer whose handlers wait, 1 to 256 at once
`;

const OUT = ['--out <folder>', 'where the reports go', 'reports'] as const;

process.exitCode = await main();

async function main(): Promise<number> {
  let code = 0;
  const program = new Command('npm run bench --')
    .description(
      "velo's speed: against the obvious code, against other packages, against the specification's Rust.",
    )
    .option('--check', 'fail when a ratio or a limit is broken')
    .option('--only <paths>', 'ids of hot paths, or their beginnings, with commas between')
    .option(...OUT)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(--help tells all)')
    .enablePositionalOptions()
    .exitOverride()
    .action(async ({ check = false, only, out }) => {
      const starts = only?.split(',').filter(Boolean) ?? [];
      code = await benchHotPaths({ check, only: starts, folder: resolve(out) });
    });
  program
    .command('simulate')
    .description('a fleet of clients through outages, in virtual time: the same seed gives the same result')
    .option('--seed <number>', 'another series of outages', wholeNumber, 1)
    .option('--clients <number>', 'clients, in processes of 20', wholeNumber, 2_000)
    .option('--runs <number>', 'series of outages for each scenario', wholeNumber, 1)
    .option(...OUT)
    .exitOverride()
    .action(async ({ seed, clients, runs, out }) => {
      const { simulateFleets } = await import('./commands/simulate.js');
      const processes = Math.max(1, Math.round(clients / 20));
      code = await simulateFleets({ seed, processes, clientsEach: 20, runs }, resolve(out));
    });
  program
    .command('throughput')
    .description("a consumer's records a second, through velo and by the bare client, on the same broker")
    .addOption(new Option('--client <name>', 'Kafka client').choices(CLIENT_NAMES).default('kafkajs'))
    .option('--real', 'on a real Apache Kafka (or KAFKA_BROKERS) instead of the embedded broker')
    .option('--records <number>', 'in the topic, 100 bytes each', wholeNumber, 360_000)
    .option('--rounds <number>', 'of all ways in turn', wholeNumber, 5)
    .option(...OUT)
    .exitOverride()
    .action(async ({ client, real = false, records, rounds, out }) => {
      const { benchThroughput } = await import('./commands/throughput.js');
      code = await benchThroughput({ client, real, records, rounds }, resolve(out));
    });
  program
    .command('concurrency')
    .description(
      'records a second whose handlers wait 1, 5 and 20 ms, 1 to 256 at once in each of 12 partitions',
    )
    .addOption(new Option('--client <name>', 'Kafka client').choices(CLIENT_NAMES).default('kafkajs'))
    .option('--real', 'on a real Apache Kafka (or KAFKA_BROKERS) instead of the embedded broker')
    .option('--seconds <number>', 'for each point', wholeNumber, 3)
    .option(...OUT)
    .exitOverride()
    .action(async ({ client, real = false, seconds, out }) => {
      const { benchConcurrency } = await import('./commands/concurrency.js');
      code = await benchConcurrency({ client, real, seconds }, resolve(out));
    });
  try {
    await program.parseAsync();
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_WRONG_ARGUMENTS;
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
