import { createReadStream } from 'node:fs';
import { foreignMessage } from '@velo/retry-core';
import { CliError } from '../../cli-error.js';
import { connect } from '../../connection/connect.js';
import type { Context } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import { explainEnd } from '../../explain-end.js';
import { linesOf } from '../../letters/lines.js';
import { type ExportedRecord, recordOf } from '../../letters/ndjson.js';
import { moment } from '../../terminal/ago.js';
import { cell } from '../../terminal/escape.js';
import { Progress } from '../../terminal/progress.js';
import { assertAnswerable, confirm } from '../../terminal/prompt.js';
import { connecting, count, ending, examples } from '../command.js';
import { Sender } from './sender.js';

/** Records that are older may be beyond the retention of their topic, which deletes them soon. In ms. */
const OLD = 7 * 24 * 3_600 * 1_000;

/** `velo dlt import`: what an export has written, back into Kafka. */
export const importCommand = (context: Context) =>
  connecting('import')
    .summary('put exported dead letters back, byte for byte')
    .description(
      'Writes the records of an export into their topics, with key, value, headers and timestamp as they were, and on the same\npartition where the topic has it. They are open dead letters then, whatever was done with them before. Asks before it\nwrites; a file is checked as a whole first.',
    )
    .argument('[file]', 'of velo dlt export; - is the standard input', '-')
    .option('--to <TOPIC>', 'into this topic (default: the topics they came from)')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'velo dlt import billing.ndjson --brokers localhost:9092',
        'velo dlt import - --to orders-billing-dlt --yes < billing.ndjson',
      ),
    )
    .action(
      ending(context, async (file, { to, yes = false, json = false, ...flags }) => {
        const { out, signal } = context;
        assertAnswerable(context, yes, file === '-');
        await using connection = await connect(flags, context);
        await using sender = new Sender(connection.kafka, connection.velo.producer(), to);
        if (file !== '-') {
          const known = await survey(file, context);
          if (!yes) await confirm(context, question(known, to));
        }

        const progress = new Progress(context.err);
        try {
          for await (const record of recordsOf(file, context)) {
            signal.throwIfAborted();
            await sender.add(record);
            progress.update({ done: sender.written, total: undefined, text: `imported ${sender.written}` });
          }
          await sender.flush();
        } catch (error) {
          throw halfWay(error, sender.written, context);
        } finally {
          progress.stop();
        }
        if (json) out.line(JSON.stringify({ imported: sender.written }));
        else out.line(`imported  ${sender.written}`);
        return EXIT.done;
      }),
    );

/** What a file holds. */
interface Survey {
  readonly records: number;
  readonly topics: ReadonlySet<string>;
  /** ms since 1970. */
  readonly oldest: number;
}

async function survey(file: string, context: Context): Promise<Survey> {
  const topics = new Set<string>();
  let records = 0;
  let oldest = Number.POSITIVE_INFINITY;
  for await (const { topic, timestamp } of recordsOf(file, context)) {
    records++;
    topics.add(topic);
    if (timestamp >= 0) oldest = Math.min(oldest, timestamp);
  }
  return { records, topics, oldest };
}

function question({ records, topics, oldest }: Survey, to: string | undefined): string {
  const where = to ?? [...topics].join(', ');
  const aged =
    Date.now() - oldest > OLD
      ? ` The oldest is from ${moment(oldest)}: a topic whose retention is shorter deletes such ones soon.`
      : '';
  return `${count(records, 'record')} will be written to ${cell(where, 500)}.${aged}`;
}

async function* recordsOf(file: string, { stdin, signal }: Context): AsyncGenerator<ExportedRecord> {
  const what = file === '-' ? 'the standard input' : JSON.stringify(file);
  let at = 0;
  try {
    for await (const { number, line } of linesOf(file === '-' ? stdin : createReadStream(file))) {
      signal.throwIfAborted();
      at = number;
      const record = recordOf(line);
      if ('fault' in record)
        throw new CliError(
          EXIT.usage,
          `Line ${number} of ${what} is no dead letter of an export: ${record.fault}. Mend it, or take it out.`,
        );
      yield record;
    }
  } catch (error) {
    if (error instanceof CliError || signal.aborted) throw error;
    throw new CliError(
      EXIT.usage,
      `${what} cannot be read beyond line ${at}: ${foreignMessage(error)}. Give a file of velo dlt export.`,
      { cause: error },
    );
  }
}

/** An end after some records were written: what is told of nothing that was begun would be wrong. */
function halfWay(error: unknown, written: number, { signal }: Context): CliError {
  const { exitCode, text } = explainEnd(signal.aborted ? signal.reason : error);
  if (written === 0) return new CliError(exitCode, `Nothing was written. ${text}`, { cause: error });
  return new CliError(
    exitCode === EXIT.usage ? EXIT.failed : exitCode,
    `The first ${count(written, 'record')} were written, the others not. ${text}\nTo import the same file again would write those twice: leave out its first ${written} lines.`,
    { cause: error },
  );
}
