import type { DeadLetterGroup, DeadLetters } from '@velo/kafkajs';
import { categorizeKafkaError } from '@velo/retry-core';
import { type Connection, connect } from '../../connection/connect.js';
import type { ConnectionFlags } from '../../connection/settings.js';
import type { Context } from '../../context.js';
import type { ExitCode } from '../../exit-codes.js';
import { WHERE_NAMES } from '../../letters/where.js';
import { ago } from '../../terminal/ago.js';
import { cell } from '../../terminal/escape.js';
import { table } from '../../terminal/table.js';
import type { Writer } from '../../terminal/writer.js';
import { connecting, repeatable } from '../command.js';

/** A command over the dead letters of one group. */
export const ofGroup = (name: string) =>
  connecting(name)
    .requiredOption('--group <GROUP>', 'the consumer group that has given the records up')
    .option(
      '--topic <TOPIC>',
      "a source, or a topic of dead letters; repeatable (default: all that the group's name tells)",
      repeatable,
    );

/** One over those that meet conditions. */
export const filtered = (name: string) =>
  ofGroup(name).option('--where <NAME=VALUE>', `all must hold; repeatable. ${WHERE_NAMES}`, repeatable);

export interface GroupFlags extends ConnectionFlags {
  readonly group: string;
  readonly topic?: readonly string[] | undefined;
}

/** Opens the dead letters of the group, and closes all at the end. A signal ends what is under way. */
export async function withLetters(
  { group, topic, ...flags }: GroupFlags,
  context: Context,
  act: (letters: DeadLetters, connection: Connection) => Promise<ExitCode>,
): Promise<ExitCode> {
  await using connection = await connect(flags, context);
  try {
    await using letters = connection.velo.deadLetters({ groupId: group, topics: topic });
    return await act(letters, connection);
  } catch (error) {
    context.signal.throwIfAborted();
    const refused = categorizeKafkaError(error) === 'NetworkIssue' ? await connection.refusal() : undefined;
    throw refused ?? error;
  }
}

/** For an error where no terminal ends the line, in characters. */
const PLAIN_ROOM = 200;

/** Dead letters that have failed alike, a row for each. */
export function groupTable(groups: readonly DeadLetterGroup[], now: number, out: Writer): string {
  const columns = [
    { name: 'count', align: 'right' as const },
    ...['reason', 'category', 'fingerprint', 'oldest', 'last hour', 'error'].map((name) => ({ name })),
  ];
  const room = out.live ? Math.max(20, out.width - 78) : PLAIN_ROOM;
  const rows = groups.map(({ count, reason, category, fingerprint, oldest, lastHour, error }) => [
    String(count),
    reason ?? '-',
    category,
    cell(fingerprint),
    `${ago(oldest, now)} ago`,
    String(lastHour),
    cell([error.name, error.message].filter(Boolean).join(': ') || '-', room),
  ]);
  return table(columns, rows, out);
}
