import type { DeadLetterEvent } from '@velo/kafkajs';
import type { Context } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import { moment } from '../../terminal/ago.js';
import { cell } from '../../terminal/escape.js';
import { json as printableJson } from '../../terminal/json.js';
import { ending, examples } from '../command.js';
import { type GroupFlags, ofGroup, withLetters } from './letters.js';

/** Of a note or an error, in characters. */
const LONGEST = 1_000;

export type PlacedFlags = GroupFlags;

/** A command over one dead letter. */
export const placed = (name: string) =>
  ofGroup(name).argument('<at>', 'PARTITION:OFFSET of the dead letter, or TOPIC:PARTITION:OFFSET');

/** `velo dlt history`: what was done with one dead letter. */
export const historyCommand = (context: Context) =>
  placed('history')
    .summary('what was done with one dead letter, when, and by which run')
    .description('Prints what Kafka itself remembers of one dead letter: replays, discards, refusals.')
    .addHelpText('after', examples('velo dlt history 3:1042 --group billing'))
    .action(
      ending(context, (at, { json = false, ...flags }) =>
        withLetters(flags, context, async (letters) => {
          const { out } = context;
          const history = await letters.history(at);
          const { topic, partition, offset, status, events, deadLetter } = history;
          if (json) {
            out.line(
              printableJson({ topic, partition, offset, status, held: deadLetter !== undefined, events }, 2),
            );
            return EXIT.done;
          }
          const held = deadLetter === undefined ? ', and its topic does not hold it any more' : '';
          out.line(`${out.colors.bold(`${topic}:${partition}:${offset}`)}  ${status}${held}`);
          for (const event of events) out.line(`  ${eventLine(event)}`);
          if (events.length === 0) out.line('  Nothing was done with it.');
          return EXIT.done;
        }),
      ),
    );

/** One entry of the ledger. Its texts may be a stranger's. */
export function eventLine({ action, at, run, to, note, error }: DeadLetterEvent): string {
  const parts = [
    `${moment(at)}  ${action}`,
    to === undefined ? '' : `to ${cell(to.topic, 249)}, partition ${to.partition}`,
    to?.offset === undefined ? '' : `offset ${cell(to.offset)}`,
  ];
  const said = [note, error].filter((text) => text !== undefined).map((text) => cell(text, LONGEST));
  return `${parts.filter(Boolean).join(', ')}  (run ${cell(run)})${said.map((text) => `: ${text}`).join('')}`;
}
