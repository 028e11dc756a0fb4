import { Option } from '@commander-js/extra-typings';
import type { DeadLetter, DeadLetterHistory, DeadLetters } from '@velo/kafkajs';
import { CliError } from '../../cli-error.js';
import type { Context } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import { headerText } from '../../letters/header-text.js';
import { FORMS, type Form, valueText } from '../../letters/value-text.js';
import { ago, moment } from '../../terminal/ago.js';
import { cell, textOf } from '../../terminal/escape.js';
import { json as printableJson } from '../../terminal/json.js';
import type { Writer } from '../../terminal/writer.js';
import { ending, examples, whole } from '../command.js';
import { eventLine, type PlacedFlags, placed } from './history.js';
import { withLetters } from './letters.js';

/** Bytes of a value that are shown. */
const DEFAULT_BYTES = 4_096;
const MOST_BYTES = 64 * 1024 * 1024;

/** Headers that are shown; a record may have thousands. */
const MOST_HEADERS = 100;

const LABEL = 15;
const WIDEST_NAME = 32;

interface ShowFlags extends PlacedFlags {
  readonly as: Form;
  readonly maxBytes: number;
}

/** `velo dlt show`: one dead letter, as a person reads it. */
export const showCommand = (context: Context) =>
  placed('show')
    .summary('one dead letter: origin, error, value, headers, history')
    .description(
      'Shows one dead letter. Bytes are printed escaped: a record cannot send a terminal anything but text.',
    )
    .addOption(new Option('--as <FORM>', 'of the value').choices(FORMS).default('auto' as const))
    .option(
      '--max-bytes <NUMBER>',
      `of the value (default: ${DEFAULT_BYTES})`,
      whole(0, MOST_BYTES),
      DEFAULT_BYTES,
    )
    .addHelpText(
      'after',
      examples(
        'velo dlt show 3:1042 --group billing',
        'velo dlt show orders-billing-dlt:3:1042 --group billing --as hex',
      ),
    )
    .action(
      ending(context, (at, { json = false, as, maxBytes, ...flags }) =>
        withLetters(flags, context, async (letters) => {
          const { out } = context;
          const found: { letter: DeadLetter; history: DeadLetterHistory }[] = [];
          for await (const letter of letters.list({ at, status: 'all' }))
            found.push({ letter, history: await historyOf(letters, letter) });
          if (found.length === 0)
            throw new CliError(
              EXIT.failed,
              `There is no dead letter at ${cell(at)} of group ${cell(flags.group)}: no record has that offset, or its topic does not hold it any more. See what there is with velo dlt list, what was done with it with velo dlt history.`,
            );
          if (json) out.line(printableJson(found.map(asJson), 2));
          else
            for (const { letter, history } of found) print(letter, history, { as, maxBytes, ...flags }, out);
          return EXIT.done;
        }),
      ),
    );

const historyOf = (letters: DeadLetters, { topic, partition, offset }: DeadLetter) =>
  letters.history(`${topic}:${partition}:${offset}`);

function print(
  letter: DeadLetter,
  { events }: DeadLetterHistory,
  { as, maxBytes }: ShowFlags,
  out: Writer,
): void {
  const { record, info, status } = letter;
  const now = Date.now();
  const row = (name: string, text: string | number | undefined) => {
    if (text !== undefined) out.line(`  ${out.colors.dim(name.padEnd(LABEL))}${text}`);
  };
  const heading = (text: string) => out.line(`\n${out.colors.bold(text)}`);
  out.line(`${out.colors.bold(`${letter.topic}:${letter.partition}:${letter.offset}`)}  ${status}`);
  row('written', `${moment(letter.timestamp)} (${ago(letter.timestamp, now)} ago)`);
  row('source', sourceOf(letter));
  row(
    'first written',
    info?.timestamp === undefined || info.timestamp < 0 ? undefined : moment(info.timestamp),
  );
  row('group', info?.group === undefined ? undefined : cell(info.group, 249));
  row('reason', info?.reason);
  row('category', letter.category);
  row('fingerprint', cell(letter.fingerprint));
  row('attempts', info?.attempts);
  row('replays', letter.replays);
  const { name, cause, message } = info?.error ?? {};
  row('error', cell([name, message].filter(Boolean).join(': '), 2_000) || undefined);
  row('caused by', cause === undefined ? undefined : cell(cause, 500));
  if (info === undefined)
    row('headers', 'tell of no dead letter of velo, Spring Kafka, Kafka Connect or Kafka');

  for (const [what, bytes] of [
    ['Key', record.key],
    ['Value', record.value],
  ] as const) {
    const { kind, lines } = valueText(bytes, as, maxBytes);
    heading(`${what}: ${kind}`);
    for (const line of lines) out.line(`  ${line}`);
  }

  const headers = [...record.headers];
  heading(`Headers: ${headers.length}${info === undefined ? '' : `, of the profile ${info.profile}`}`);
  const told = headers
    .slice(0, MOST_HEADERS)
    .map(([name, value]) => [cell(name, 200), headerText(name, value)] as const);
  const widest = Math.min(WIDEST_NAME, Math.max(0, ...told.map(([name]) => name.length)));
  for (const [name, text] of told) out.line(`  ${out.colors.dim(name.padEnd(widest))}  ${text}`);
  if (headers.length > MOST_HEADERS)
    out.line(`  … and ${headers.length - MOST_HEADERS} more: --json has them all`);

  if (events.length > 0) heading('History');
  for (const event of events) out.line(`  ${eventLine(event)}`);
}

function sourceOf({ source, info }: DeadLetter): string | undefined {
  if (source === undefined) return undefined;
  const { partition, offset } = info ?? {};
  const place = [
    partition === undefined ? '' : `partition ${partition}`,
    offset === undefined ? '' : `offset ${cell(offset)}`,
  ];
  return [cell(source, 249), ...place.filter(Boolean)].join(', ');
}

/** All bytes, so that a program has what a person may not see; text beside it where they are some. */
function asJson({ letter, history }: { letter: DeadLetter; history: DeadLetterHistory }): object {
  const { record, ...rest } = letter;
  return {
    ...rest,
    key: bytesAsJson(record.key),
    value: bytesAsJson(record.value),
    headers: [...record.headers].map(([name, value]) => ({ name, value: bytesAsJson(value) })),
    history: history.events,
  };
}

function bytesAsJson(bytes: Buffer | null): object | null {
  if (bytes === null) return null;
  const text = textOf(bytes);
  return { base64: bytes.toString('base64'), ...(text !== undefined && { text }) };
}
