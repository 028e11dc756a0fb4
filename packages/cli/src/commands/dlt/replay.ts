import type {
  CanaryOutcome,
  DeadLetterFilter,
  DeadLetters,
  Duration,
  ReplayOptions,
  ReplayResult,
  ReplayTarget,
} from '@velo/kafkajs';
import { formatDuration, shellWord } from '@velo/retry-core';
import type { Context } from '../../context.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { filterOf } from '../../letters/where.js';
import { cell } from '../../terminal/escape.js';
import { json as printableJson } from '../../terminal/json.js';
import { Progress } from '../../terminal/progress.js';
import { assertAnswerable, confirm } from '../../terminal/prompt.js';
import type { Writer } from '../../terminal/writer.js';
import { count, duration, ending, examples, perSecond, whole } from '../command.js';
import { filtered, groupTable, withLetters } from './letters.js';

/** Errors may be long, in characters. */
const LONGEST = 2_000;

/** `velo dlt replay`: dead letters are handled again. */
export const replayCommand = (context: Context) =>
  filtered('replay')
    .summary('have dead letters handled again, by the failed group alone')
    .description(
      "Sends open dead letters back: to the group's own first tier or its replay topic, so that no other group sees them.\nEach at most once, also over a crash: run it again, and it goes on where it was. Asks before it writes.",
    )
    .option('--dry-run', 'count, and write nothing')
    .option('--yes', 'do not ask')
    .option(
      '--to <TARGET>',
      'group, source (every group that reads it handles them again), or a topic (default: group)',
    )
    .option('--rate <NUMBER>', 'copies a second, evenly (default: no limit)', perSecond)
    .option('--canary', 'send one, and the rest only when the group has handled it')
    .option('--canary-timeout <DURATION>', 'how long that may take (default: 60s)', duration)
    .option(
      '--max-replays <NUMBER>',
      'pass over what was replayed as often before (default: 3)',
      whole(1, 1_000),
    )
    .addHelpText(
      'after',
      examples(
        'velo dlt replay --group billing --where category=NetworkIssue --dry-run',
        'velo dlt replay --group billing --where fingerprint=4f1c9a03be27 --canary --rate 50',
        'velo dlt replay --group billing --where since=24h --yes --json',
        'velo dlt replay --group billing --where at=3:1042 --to source',
      ),
    )
    .action(
      ending(context, ({ where = [], json = false, dryRun = false, yes = false, ...flags }) => {
        const filter = filterOf(where);
        const options = optionsOf(flags, filter);
        assertAnswerable(context, yes || dryRun);
        return withLetters(flags, context, async (letters) => {
          if (!dryRun && !yes) {
            const planned = await run(letters, { ...options, dryRun: true }, context);
            if (planned.replayed === 0) return told(planned, json, context);
            printPlan(planned, context.err);
            await confirm(
              context,
              `${count(planned.replayed, 'dead letter')} of group ${shellWord(flags.group)} will be replayed.`,
            );
          }
          return told(await run(letters, { ...options, dryRun }, context), json, context);
        });
      }),
    );

interface ReplayFlags {
  readonly to?: string | undefined;
  readonly rate?: number | undefined;
  readonly canary?: boolean | undefined;
  readonly canaryTimeout?: Duration | undefined;
  readonly maxReplays?: number | undefined;
}

function optionsOf(
  { to, rate, canary, canaryTimeout, maxReplays }: ReplayFlags,
  filter: DeadLetterFilter,
): ReplayOptions {
  return {
    filter,
    ...(to !== undefined && { to: targetOf(to) }),
    ...(rate !== undefined && { perSecond: rate }),
    ...(maxReplays !== undefined && { maxReplays }),
    ...(canaryTimeout !== undefined
      ? { canary: { timeout: canaryTimeout } }
      : canary === true && { canary: true }),
  };
}

const targetOf = (to: string): ReplayTarget => (to === 'group' || to === 'source' ? to : { topic: to });

async function run(letters: DeadLetters, options: ReplayOptions, context: Context): Promise<ReplayResult> {
  const progress = new Progress(context.err);
  const verb = options.dryRun === true ? 'counted' : 'replayed';
  try {
    return await letters.replay({
      ...options,
      signal: context.signal,
      onProgress: ({ replayed, passedOver, refused, scanned, total }) =>
        progress.update({
          done: scanned,
          total,
          text: `${verb} ${replayed} · passed over ${passedOver} · refused ${refused}`,
        }),
    });
  } finally {
    progress.stop();
  }
}

/** Where the copies would go, and who sees them. */
function printPlan({ groups, targets, otherReaders }: ReplayResult, err: Writer): void {
  err.write(groupTable(groups, Date.now(), err));
  err.line();
  for (const [topic, copies] of Object.entries(targets)) err.line(`to ${cell(topic, 249)}: ${copies}`);
  if (otherReaders !== undefined) err.line(err.colors.yellow(cell(otherReaders.note, LONGEST)));
}

/** Prints how it has ended, and gives the exit code for that. */
function told(result: ReplayResult, json: boolean, { out, err, signal }: Context): ExitCode {
  const { dryRun, replayed, passedOver, refused, refusals, targets, otherReaders, canary, stopped } = result;
  if (json) out.line(printableJson(result, 2));
  else {
    if (dryRun && replayed > 0) out.write(groupTable(result.groups, Date.now(), out));
    out.line(`${dryRun ? 'would be replayed' : 'replayed'}  ${replayed}`);
    for (const [topic, copies] of Object.entries(targets)) out.line(`  to ${cell(topic, 249)}: ${copies}`);
    if (passedOver > 0) out.line(`passed over  ${passedOver}, replayed as often as --max-replays allows`);
    for (const { count: copies, error, example, topic } of refusals)
      err.line(
        `${err.colors.red('refused')}  ${copies}, which stay open${topic === undefined ? '' : ` (${cell(topic, 249)})`}: ${cell(error, LONGEST)} One of them: ${cell(example, 300)}`,
      );
    if (otherReaders !== undefined) err.line(err.colors.yellow(cell(otherReaders.note, LONGEST)));
    if (canary !== undefined) tellCanary(canary, out);
    if (stopped === 'signal') err.line('Stopped by a signal: run it again, and it goes on where it was.');
  }
  if (signal.aborted || stopped === 'signal') return EXIT.interrupted;
  return refused > 0 || stopped === 'canary' ? EXIT.failed : EXIT.done;
}

function tellCanary({ at, outcome, elapsed, again, note }: CanaryOutcome, out: Writer): void {
  const where = `canary  ${cell(at, 300)}`;
  const after = `after ${formatDuration(Math.round(elapsed))}`;
  if (outcome === 'handled') out.line(`${where} was handled ${after}`);
  else if (outcome === 'dead-again') {
    const { name, message } = again?.info?.error ?? {};
    const error = cell([name, message].filter(Boolean).join(': '), LONGEST);
    out.line(
      `${where} is dead again ${after}, as ${cell(again?.at ?? '?', 300)}: ${error}. The rest was not sent.`,
    );
  } else out.line(`${where}: ${cell(note ?? 'its outcome is not known', LONGEST)} The rest was not sent.`);
}
