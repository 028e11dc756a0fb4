import type { DeadLetterSummary } from '@velo/kafkajs';
import { shellWord } from '@velo/retry-core';
import type { Context } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import { filterOf } from '../../letters/where.js';
import { ago } from '../../terminal/ago.js';
import { json as printableJson } from '../../terminal/json.js';
import { ending, examples, whole } from '../command.js';
import { filtered, groupTable, withLetters } from './letters.js';

const DEFAULT_LIMIT = 20;

/** `velo dlt list`: what has failed, and how often. */
export const listCommand = (context: Context) =>
  filtered('list')
    .summary('what has failed, by reason and error')
    .description(
      'Counts the open dead letters of a group, those with one reason, category and fingerprint together. A fingerprint is\nwhat errors of one cause have in common, without their numbers and names.',
    )
    .option(
      '--limit <NUMBER>',
      `rows of each topic, the largest first (default: ${DEFAULT_LIMIT})`,
      whole(1, 1_000),
    )
    .addHelpText(
      'after',
      examples(
        'velo dlt list --group billing --brokers localhost:9092',
        'velo dlt list --group billing --where category=NetworkIssue --where since=24h',
        'velo dlt list --group billing --json | jq .open',
      ),
    )
    .action(
      ending(context, ({ where = [], limit = DEFAULT_LIMIT, json = false, ...flags }) => {
        const filter = filterOf(where);
        return withLetters(flags, context, async (letters) => {
          const summary = await letters.summary(filter);
          if (json) context.out.line(printableJson(summary, 2));
          else printSummary(summary, limit, context);
          return EXIT.done;
        });
      }),
    );

function printSummary(summary: DeadLetterSummary, limit: number, { out }: Context): void {
  const { groupId, topics, at } = summary;
  for (const { topic, open, replayed, discarded, oldest, lastHour, groups } of topics) {
    const age = oldest === undefined ? '' : `, the oldest from ${ago(oldest, at)} ago`;
    const done = `${replayed} replayed, ${discarded} discarded`;
    out.line(`${out.colors.bold(topic)}: ${open} open${age}, ${lastHour} in the last hour (${done})`);
    if (groups.length > 0) out.write(`\n${groupTable(groups.slice(0, limit), at, out)}`);
    const hidden = groups.length - limit;
    if (hidden > 0) out.line(out.colors.dim(`… and ${hidden} more rows: --limit ${groups.length}`));
    out.line();
  }
  const [largest] = topics.flatMap(({ groups }) => groups).sort((a, b) => b.count - a.count);
  if (topics.length === 0) out.line(`Group ${shellWord(groupId)} has no topic of dead letters.`);
  if (largest === undefined) return;
  const group = `--group ${shellWord(groupId)}`;
  out.line(out.colors.dim(`See one:      velo dlt show ${shellWord(largest.example)} ${group}`));
  out.line(
    out.colors.dim(
      `Replay them:  velo dlt replay ${group} --where fingerprint=${shellWord(largest.fingerprint)} --dry-run`,
    ),
  );
}
