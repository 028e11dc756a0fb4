import type { DeadLetters, DiscardOptions, DiscardResult } from '@velo/kafkajs';
import { shellWord } from '@velo/retry-core';
import { CliError } from '../../cli-error.js';
import type { Context } from '../../context.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { filterOf } from '../../letters/where.js';
import { json as printableJson } from '../../terminal/json.js';
import { Progress } from '../../terminal/progress.js';
import { assertAnswerable, confirm } from '../../terminal/prompt.js';
import { count, ending, examples } from '../command.js';
import { filtered, groupTable, withLetters } from './letters.js';

/** `velo dlt discard`: dead letters that nobody will handle. */
export const discardCommand = (context: Context) =>
  filtered('discard')
    .summary('set dead letters aside for good, with a note that says why')
    .description(
      'Marks open dead letters as discarded, so that no list and no replay has them any more. They stay in their topic for\nits retention. Asks before it writes.',
    )
    .requiredOption('--note <TEXT>', 'why; kept beside them, at most 500 characters')
    .option('--all', 'all open ones: needed where there is no --where')
    .option('--dry-run', 'count, and write nothing')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'velo dlt discard --group billing --where fingerprint=4f1c9a03be27 --note "test orders, INC-4711"',
        'velo dlt discard --group billing --where until=2026-01-01 --note "too old to charge" --yes',
      ),
    )
    .action(
      ending(
        context,
        async ({ where = [], json = false, dryRun = false, yes = false, all, note, ...flags }) => {
          if (where.length === 0 && all !== true)
            throw new CliError(
              EXIT.usage,
              'There is no --where, so all dead letters would be discarded. Nothing was begun. Say which, or pass --all.',
            );
          const options = { filter: filterOf(where), note };
          assertAnswerable(context, yes || dryRun);
          return withLetters(flags, context, async (letters) => {
            if (!dryRun && !yes) {
              const { err } = context;
              const planned = await run(letters, { ...options, dryRun: true }, context);
              if (planned.discarded === 0) return told(planned, json, context);
              err.write(`${groupTable(planned.groups, Date.now(), err)}\n`);
              const what = `${count(planned.discarded, 'dead letter')} of group ${shellWord(flags.group)} will be discarded.`;
              await confirm(context, what);
            }
            return told(await run(letters, { ...options, dryRun }, context), json, context);
          });
        },
      ),
    );

async function run(letters: DeadLetters, options: DiscardOptions, context: Context): Promise<DiscardResult> {
  const progress = new Progress(context.err);
  try {
    return await letters.discard({
      ...options,
      signal: context.signal,
      onProgress: ({ discarded, scanned, total }) =>
        progress.update({
          done: scanned,
          total,
          text: `${options.dryRun === true ? 'counted' : 'discarded'} ${discarded}`,
        }),
    });
  } finally {
    progress.stop();
  }
}

function told(result: DiscardResult, json: boolean, { out, err, signal }: Context): ExitCode {
  const { dryRun, discarded, groups, stopped } = result;
  if (json) out.line(printableJson(result, 2));
  else {
    if (dryRun && discarded > 0) out.write(groupTable(groups, Date.now(), out));
    out.line(`${dryRun ? 'would be discarded' : 'discarded'}  ${discarded}`);
    if (stopped === 'signal') err.line('Stopped by a signal: the others are open as before.');
  }
  return signal.aborted || stopped === 'signal' ? EXIT.interrupted : EXIT.done;
}
