import { writeFile } from 'node:fs/promises';
import { Option } from '@commander-js/extra-typings';
import {
  exponential,
  fixed,
  foreignMessage,
  formatDuration,
  type JitterMode,
  linear,
  predictive,
  type RetryStrategy,
} from '@velo/retry-core';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { scheduleTable } from '../schedule/bars.js';
import { type Step, stepsOf } from '../schedule/schedule.js';
import { endText, scheduleSvg } from '../schedule/svg.js';
import { command, duration, durations, ending, examples, whole } from './command.js';

/** A consumer's, where it is told nothing else. */
const DEFAULTS = { initial: 100, multiplier: 2, max: 60_000, attemptsWithTiers: 3, attempts: 10 };

/** More would be a wall of lines. */
const MOST_ATTEMPTS = 1_000;

/** `velo schedule`: what a policy of retries comes to. */
export const scheduleCommand = (context: Context) =>
  command('schedule')
    .summary('draw the waits of a retry policy')
    .description(
      'Draws when the attempts of one record are made that never succeeds: in place, then in each tier.\nWith jitter, from the shortest wait to the longest. Asks no broker.',
    )
    .addOption(
      new Option('--strategy <NAME>', 'of the waits in place')
        .choices(['exponential', 'fixed', 'linear', 'predictive'] as const)
        .default('exponential' as const),
    )
    .option('--initial <DURATION>', 'the first wait (default: 100ms)', duration)
    .option('--multiplier <NUMBER>', 'of an exponential one (default: 2)', Number)
    .option('--increment <DURATION>', 'of a linear one (default: the initial wait)', duration)
    .option('--max <DURATION>', 'the longest wait (default: 1m)', duration)
    .option(
      '--attempts <NUMBER>',
      'in each topic, the first included (default: 10, with tiers 3)',
      whole(1, MOST_ATTEMPTS),
    )
    .addOption(
      new Option('--jitter <MODE>', 'what is left to chance')
        .choices(['none', 'full', 'equal', 'decorrelated'] as const)
        .default('none' as const),
    )
    .option('--tiers <DURATION,…>', 'the waits of the retry topics, such as 5s,1m,10m', durations)
    .option('--svg <FILE>', 'write the drawing there as well')
    .addHelpText(
      'after',
      examples(
        'velo schedule --strategy exponential --initial 1s --multiplier 2 --max 1m --jitter full',
        'velo schedule --tiers 5s,1m,10m',
        'velo schedule --tiers 5s,1m,10m --attempts 1 --svg retries.svg',
      ),
    )
    .action(
      ending(context, async ({ tiers = [], json = false, svg, ...flags }) => {
        const strategy = strategyOf(flags);
        const { jitter } = flags;
        const attempts =
          flags.attempts ?? (tiers.length > 0 ? DEFAULTS.attemptsWithTiers : DEFAULTS.attempts);
        if (attempts * (tiers.length + 1) > MOST_ATTEMPTS)
          throw new CliError(
            EXIT.usage,
            `--attempts ${attempts} in ${tiers.length + 1} topics are more than ${MOST_ATTEMPTS} attempts. Nothing was drawn. Pass fewer.`,
          );
        const steps = stepsOf({ strategy, jitter, attempts, tiers });
        const nameOf = ({ tierNumber }: Step) =>
          tierNumber === 0 ? 'source' : `tier ${formatDuration(tiers[tierNumber - 1] as number)}`;
        const end = endText(steps.at(-1) as Step, 'given up');
        if (svg !== undefined)
          await save(svg, scheduleSvg(steps, nameOf, titleOf(strategy, jitter, attempts, tiers), end));
        if (json)
          context.out.line(
            JSON.stringify({ attempts: steps.map((step) => ({ ...step, in: nameOf(step) })) }, null, 2),
          );
        else {
          context.out.write(scheduleTable(steps, nameOf, context.out));
          context.out.line(`\n${end}`);
        }
        return EXIT.done;
      }),
    );

interface StrategyFlags {
  readonly strategy: 'exponential' | 'fixed' | 'linear' | 'predictive';
  readonly initial?: number | undefined;
  readonly multiplier?: number | undefined;
  readonly increment?: number | undefined;
  readonly max?: number | undefined;
}

function strategyOf({ strategy, ...flags }: StrategyFlags): RetryStrategy {
  const {
    initial = DEFAULTS.initial,
    multiplier = DEFAULTS.multiplier,
    max = Math.max(DEFAULTS.max, initial),
  } = flags;
  const { increment = initial } = flags;
  switch (strategy) {
    case 'exponential':
      return exponential({ initial, multiplier, max });
    case 'linear':
      return linear({ initial, increment, max });
    case 'predictive':
      return predictive({ initial, max });
    case 'fixed':
      return fixed(initial);
  }
}

function titleOf(
  { kind }: RetryStrategy,
  jitter: JitterMode,
  attempts: number,
  tiers: readonly number[],
): string {
  const how = `${attempts} attempts in place, ${kind}${jitter === 'none' ? '' : ` with ${jitter} jitter`}`;
  return tiers.length === 0 ? how : `${how}, then tiers of ${tiers.map(formatDuration).join(', ')}`;
}

async function save(path: string, svg: string): Promise<void> {
  try {
    await writeFile(path, svg);
  } catch (error) {
    throw new CliError(
      EXIT.failed,
      `The drawing could not be written to ${JSON.stringify(path)}: ${foreignMessage(error)}. Name another file by --svg.`,
      { cause: error },
    );
  }
}
