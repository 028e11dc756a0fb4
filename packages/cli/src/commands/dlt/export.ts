import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { Option } from '@commander-js/extra-typings';
import { foreignMessage } from '@velo/retry-core';
import { CliError } from '../../cli-error.js';
import type { Context } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import { lineOf } from '../../letters/ndjson.js';
import { filterOf } from '../../letters/where.js';
import { Progress } from '../../terminal/progress.js';
import { count, ending, examples } from '../command.js';
import { filtered, withLetters } from './letters.js';

/** `velo dlt export`: dead letters as NDJSON, nothing of them lost. */
export const exportCommand = (context: Context) =>
  filtered('export')
    .summary('write dead letters as NDJSON, byte for byte')
    .description(
      'Writes a line of JSON for each dead letter: bytes in base64, headers in their order, nulls and names that come twice.\nReads only. velo dlt import puts them back.',
    )
    .addOption(
      new Option('--status <STATUS>', 'which')
        .choices(['open', 'replayed', 'discarded', 'all'] as const)
        .default('open' as const),
    )
    .option('--out <FILE>', 'write there (default: the standard output)')
    .addHelpText(
      'after',
      examples(
        'velo dlt export --group billing --out billing.ndjson',
        "velo dlt export --group billing --where reason=permanent | jq -r '.value | @base64d'",
      ),
    )
    .action(
      ending(context, ({ where = [], status, out: file, ...flags }) => {
        const filter = filterOf(where);
        return withLetters(flags, context, async (letters) => {
          const { out, err, signal } = context;
          const target = file === undefined ? undefined : await openFile(file);
          const progress = new Progress(err);
          let written = 0;
          try {
            for await (const { record } of letters.list({ ...filter, status })) {
              signal.throwIfAborted();
              const line = `${lineOf(record)}\n`;
              if (target === undefined) {
                out.write(line);
                await out.drained();
              } else if (!target.write(line)) await once(target, 'drain');
              progress.update({ done: ++written, total: undefined, text: `exported ${written}` });
            }
            target?.end();
            if (target !== undefined) await once(target, 'finish');
          } finally {
            progress.stop();
            target?.destroy();
          }
          err.line(`exported ${count(written, 'dead letter')}`);
          return EXIT.done;
        });
      }),
    );

/** @throws {CliError} */
async function openFile(path: string): Promise<WriteStream> {
  try {
    const stream = createWriteStream(path, { mode: 0o600 });
    await once(stream, 'open');
    return stream;
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `--out ${JSON.stringify(path)} cannot be written: ${foreignMessage(error)}. Nothing was read. Name another file.`,
      { cause: error },
    );
  }
}
