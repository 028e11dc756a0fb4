import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { CLIENT_NAMES, type ClientName } from './clients.js';
import { HAND_OFF_MODES, type HandOffMode } from './member/settings.js';
import { LONG, type Scale, SHORT } from './plan/scale.js';
import { FAULT_KINDS, only, without } from './plan/selection.js';

export interface CommandLine {
  readonly seed: number;
  readonly client: ClientName;
  readonly handOff: HandOffMode;
  /** Handlers of a partition at once. */
  readonly concurrency: number;
  /** Whether later records of a key follow one that waits in a tier. */
  readonly keepKeyOrder: boolean;
  readonly scale: Scale;
  /** Histories and logs stay, however the run ends. */
  readonly keep: boolean;
  /** For the whole run, ms. */
  readonly limit: number;
}

const MAX_SEED = 2 ** 31;

const EXAMPLES = `
Exit status:
  0    nothing is lost, nothing is handled again beyond the bound, no dead letter is without cause
  1    something is, or the run could not go on; logs and histories are kept
  2    wrong arguments
  130  interrupted

Examples:
  npm run chaos                       the long form: 50,000 records, some eight minutes
  npm run chaos -- --seed 42          the same faults again
  npm run chaos -- --short            some two minutes
  npm run chaos -- --only broker-kills offline    no other faults
`;

/**
 * Reads the arguments (without `node` and the script).
 *
 * @throws {CommanderError} after `--help` (exit code 0) and for wrong arguments
 */
export function parseOptions(args: readonly string[]): CommandLine {
  const given = command().parse(args, { from: 'user' }).opts();
  const form = given.short ? SHORT : LONG;
  const records = given.records ?? form.records;
  const kinds = given.only ?? FAULT_KINDS;
  const keepKeyOrder = given.keepKeyOrder ?? false;
  // A member of the old version does not read the last tier, so it could not keep the order.
  const left = [...(given.without ?? []), ...(keepKeyOrder ? (['deploy'] as const) : [])];
  const chosen = without(only(form, ...kinds), ...left);
  // The faults take their time whatever the number of records.
  const scale = { ...chosen, records, rate: Math.max(1, Math.round((form.rate * records) / form.records)) };
  return {
    seed: given.seed ?? randomInt(MAX_SEED),
    client: given.client,
    handOff: given.handOff,
    concurrency: given.concurrency ?? 1,
    keepKeyOrder,
    keep: given.keep ?? false,
    scale,
    limit: (given.minutes ?? (given.short ? 5 : 20)) * 60_000,
  };
}

function command() {
  return new Command('npm run chaos --')
    .description('Kills brokers and consumers, cuts networks, and counts every record.')
    .usage('[options]')
    .option(
      '-s, --seed <number>',
      'the same seed gives the same records and faults (default: random)',
      whole(0),
    )
    .addOption(new Option('-c, --client <name>', 'Kafka client').choices(CLIENT_NAMES).default('kafkajs'))
    .addOption(
      new Option('--hand-off <mode>', 'how copies reach tiers and dead letters')
        .choices(HAND_OFF_MODES)
        .default('at-least-once'),
    )
    .option('--concurrency <number>', 'handlers of a partition at once (default: 1)', whole(1))
    .option('--keep-key-order', 'later records of a key follow one that waits in a tier; without `deploy`')
    .addOption(new Option('--only <kinds...>', 'these faults and no others').choices(FAULT_KINDS))
    .addOption(new Option('--without <kinds...>', 'all faults but these').choices(FAULT_KINDS))
    .option('-r, --records <number>', 'at least so many (default: 50000, short: 5000)', whole(1))
    .option('-m, --minutes <number>', 'the longest that it may take (default: 20, short: 5)', whole(1))
    .option('--short', 'fewer records and faults')
    .option('--keep', 'keep histories and logs of a good run, too')
    .helpOption('-h, --help', 'tell all')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help tells all)')
    .exitOverride();
}

function whole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value < MAX_SEED) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min}.`);
  };
}
