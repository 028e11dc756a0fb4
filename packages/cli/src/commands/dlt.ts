import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { examples } from './command.js';
import { discardCommand } from './dlt/discard.js';
import { exportCommand } from './dlt/export.js';
import { historyCommand } from './dlt/history.js';
import { importCommand } from './dlt/import.js';
import { listCommand } from './dlt/list.js';
import { replayCommand } from './dlt/replay.js';
import { showCommand } from './dlt/show.js';

const COMMANDS = [
  listCommand,
  showCommand,
  replayCommand,
  discardCommand,
  historyCommand,
  exportCommand,
  importCommand,
];

/** `velo dlt`: the dead letters of a group. */
export function dltCommand(context: Context): Command {
  const dlt = new Command('dlt')
    .summary("a group's dead letters: list, show, replay, discard, export")
    .description(
      'The dead letters of one consumer group, in headers of velo, Spring Kafka, Kafka Connect or Kafka (KIP-1191). What was\ndone with which, Kafka itself remembers.',
    )
    .addHelpText(
      'after',
      examples(
        'velo dlt list --group billing',
        'velo dlt show 3:1042 --group billing',
        'velo dlt replay --group billing --where fingerprint=4f1c9a03be27 --canary',
      ),
    );
  for (const make of COMMANDS) dlt.addCommand(make(context) as unknown as Command);
  return dlt as unknown as Command;
}
