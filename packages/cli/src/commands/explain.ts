import {
  classifyKafkaError,
  explainKafkaError,
  findKafkaError,
  findKafkaErrorByText,
  type KafkaErrorCode,
  kafkaErrorCodes,
  nearest,
  type RecoveryAction,
  show,
} from '@velo/retry-core';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../terminal/table.js';
import { command, ending, examples } from './command.js';

/** What velo does about an error, for people. */
const ACTIONS: Readonly<Record<RecoveryAction, string>> = {
  retry: 'repeats the call as it is',
  'refresh-metadata': "fetches the cluster's metadata anew, and repeats the call",
  'abort-transaction': 'aborts the transaction, and does its work again',
  'restart-client': 'makes a new client',
  'fix-configuration': 'stops, and says what a person must change',
  'dead-letter': 'sends the record to the dead letters: it can never be accepted',
};

/** How the name of a code looks; other texts are texts of errors. */
const NAME = /^_?[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/;

/** `velo explain`: what an error of Kafka means. */
export const explainCommand = (context: Context) =>
  command('explain')
    .summary('explain an error of Kafka: a code, a name, or any text')
    .description(
      'Explains a code of Kafka or librdkafka, its name, or the text of an error: what it means, whether retrying\nhelps, and what to do. Asks no broker.',
    )
    .argument('[error...]', 'such as 3, UNKNOWN_TOPIC_OR_PARTITION, -195, or "Connection error: …"')
    .option('--all', 'print the table of all codes')
    .addHelpText(
      'after',
      examples(
        'velo explain 3',
        'velo explain -195',
        'velo explain NOT_ENOUGH_REPLICAS',
        'velo explain "Broker: Topic authorization failed"',
        'velo explain --all',
      ),
    )
    .action(
      ending(context, (words, { all = false, json = false }) => {
        const asked = words.join(' ').trim();
        if (all) printAll(context, json);
        else if (asked === '')
          throw new CliError(
            EXIT.usage,
            'There is nothing to explain. Pass a code, a name or a text, such as: velo explain 3. All codes: velo explain --all',
          );
        else printOne(context, asked, json);
        return EXIT.done;
      }),
    );

function printAll({ out }: Context, json: boolean): void {
  if (json) {
    out.line(JSON.stringify(kafkaErrorCodes, null, 2));
    return;
  }
  const rows = kafkaErrorCodes.map(({ code, name, category, retriable, action }) => [
    String(code),
    name,
    category,
    retriable ? 'yes' : 'no',
    action,
  ]);
  const columns = [
    { name: 'code', align: 'right' as const },
    { name: 'name' },
    { name: 'category' },
    { name: 'retriable' },
    { name: 'action' },
  ];
  out.write(table(columns, rows, out));
}

function printOne({ out }: Context, asked: string, json: boolean): void {
  const row = findKafkaError(asked);
  if (row === undefined) refuseUnknown(asked);
  const error = row === undefined ? asked : { code: row.code };
  const known = row ?? findKafkaErrorByText(asked);
  const verdict = classifyKafkaError(error);
  const explanation =
    row === undefined ? explainKafkaError(error) : withoutOriginal(explainKafkaError(error));
  if (json) {
    out.line(JSON.stringify({ ...known, ...verdict, explanation }, null, 2));
    return;
  }
  const [headline, ...rest] = explanation.split('\n');
  out.line(out.colors.bold(headline as string));
  out.line(rest.join('\n'));
  out.line();
  const facts = known === undefined ? [] : factsOf(known);
  for (const [name, text] of [...facts, ['velo', ACTIONS[verdict.action]] as const])
    out.line(`${out.colors.dim(name.padEnd(11))}${text}`);
}

/** Numbers and names that the table lacks: nothing could be said of them that is not made up. */
function refuseUnknown(asked: string): void {
  const first = kafkaErrorCodes[0]?.code;
  const last = kafkaErrorCodes.at(-1)?.code;
  if (/^-?\d+$/.test(asked))
    throw new CliError(
      EXIT.failed,
      `There is no code ${asked.slice(0, 20)} in velo's table, which has those from ${first} to ${last} that Kafka 4.1 and librdkafka know. See velo explain --all; a newer Kafka may have more.`,
    );
  if (!NAME.test(asked)) return;
  const names = kafkaErrorCodes.map(({ name }) => name);
  throw new CliError(
    EXIT.failed,
    `There is no code of the name ${show(asked)} in velo's table. Did you mean ${nearest(asked, names)}? See velo explain --all.`,
  );
}

const withoutOriginal = (explanation: string): string =>
  explanation
    .split('\n')
    .filter((line) => !line.startsWith('Original error:'))
    .join('\n');

function factsOf({ category, retriable, group }: KafkaErrorCode): (readonly [string, string])[] {
  return [
    ['category', category],
    ['retriable', `${retriable ? 'yes' : 'no'}, as Kafka flags it`],
    ['group', `${group} (KIP-1050)`],
  ];
}
