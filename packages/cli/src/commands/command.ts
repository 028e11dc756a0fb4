import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { parseDuration } from '@velo/retry-core';
import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';

const collect = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

const CONNECTION = 'Connection:';

/** A command that needs no brokers. */
export const command = (name: string) =>
  new Command(name).option('--json', 'print JSON, for programs').configureHelp(HELP);

/** A command that asks brokers, with what says which, and how. */
export const connecting = (name: string) =>
  command(name)
    .addOption(
      new Option('--brokers <HOST:PORT,…>', 'brokers to ask first (or VELO_BROKERS)').helpGroup(CONNECTION),
    )
    .addOption(
      new Option(
        '--config <FILE>',
        "Kafka's own client.properties: TLS, SASL, brokers (or VELO_CONFIG)",
      ).helpGroup(CONNECTION),
    )
    .addOption(
      new Option('--property <NAME=VALUE>', 'one property more, as in that file; repeatable')
        .argParser(collect)
        .helpGroup(CONNECTION),
    )
    .addOption(
      new Option('--debug', 'tell on stderr what the client does; secrets are left out').helpGroup(
        CONNECTION,
      ),
    );

/** The connection's flags are the same everywhere: a command's own come before them. */
const HELP = {
  groupItems<T>(
    _unsorted: readonly T[],
    visible: readonly T[],
    groupOf: (item: T) => string,
  ): Map<string, T[]> {
    const groups = new Map<string, T[]>();
    for (const item of visible) {
      const group = groupOf(item);
      groups.set(group, [...(groups.get(group) ?? []), item]);
    }
    const connection = groups.get(CONNECTION);
    if (connection !== undefined) {
      groups.delete(CONNECTION);
      groups.set(CONNECTION, connection);
    }
    return groups;
  },
};

/** The action of a command: what it gives is how the program ends. */
export const ending =
  <Args extends unknown[]>(context: Context, act: (...args: Args) => ExitCode | Promise<ExitCode>) =>
  async (...args: Args): Promise<void> => {
    context.exitCode = await act(...args);
  };

/** Below a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;

/** Reads an option that may be given several times. */
export const repeatable = collect;

/** Reads a duration, in ms. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration such as 500ms, 30s or 5m.');
  return ms;
}

/** More tiers than anybody has. */
const MOST_DURATIONS = 50;

/** Reads durations with commas between them, in ms. */
export function durations(text: string): number[] {
  const all = text.split(',').map((each) => duration(each.trim()));
  if (all.length <= MOST_DURATIONS) return all;
  throw new InvalidArgumentError(`These are ${all.length}; ${MOST_DURATIONS} are the most.`);
}

/** Reads a whole number within limits. */
export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number, ${least} to ${most}.`);
  };

/** Reads a rate, copies a second. */
export function perSecond(text: string): number {
  const number = /^\d{1,7}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw new InvalidArgumentError('It must be a number above 0, such as 50 or 0.5.');
}

/** `1 record`, `2 records`. */
export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
