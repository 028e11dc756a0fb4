import { isAnotherTopic } from '../binding/another-topic.js';
import type { TopicPartition } from '../binding/record.js';
import type { ResetReason } from '../observing/events.js';

/** What a member knows of a partition that it reads, or has read. */
export interface KnownPosition {
  /** -1 while unknown. */
  readonly committed: number;
  /** Records below this offset were fetched. */
  readonly accepted: number;
  /** Its records have been handled since its last assignment, and some may still wait here. */
  readonly opened: boolean;
  /** Of the topic that they were read from; `undefined` where nobody has told it. */
  readonly topicId?: string | undefined;
}

/** A partition, and what its member knew of it when it came in doubt. */
export interface Doubtful extends TopicPartition {
  readonly known: KnownPosition;
}

/** Nothing yet. */
export const UNKNOWN: KnownPosition = { committed: -1, accepted: 0, opened: false };

/**
 * Why a partition has come back at an offset that the member cannot go on from: a lower one than it knows, one beyond the end
 * of the log, or one of another topic; `undefined` if it has not. What offsets tell comes first, as it is the same for all
 * clients. They do not tell a topic that was made again from the old one, once the new log is as long and the group has
 * committed as much of it: that takes its id.
 *
 * @param committed -1 where nothing is
 * @param topicId the topic's id now, if it is known
 */
export function resetOf(
  known: KnownPosition,
  committed: number,
  latest: number,
  topicId?: string,
): ResetReason | undefined {
  if (known.committed >= 0 && committed < 0) return 'offset-gone';
  if (known.committed >= 0 && committed < known.committed) return 'moved-back';
  if (latest < known.accepted) return 'log-shorter';
  if (known.committed >= 0 && committed > latest) return 'beyond-end';
  return isAnotherTopic(known.topicId, topicId) ? 'topic-made-again' : undefined;
}

const WHAT: Readonly<Record<ResetReason, string>> = {
  'topic-made-again': 'has another log: the topic was deleted and made again, as its id shows',
  'moved-back': 'was moved back by an administrator or another program',
  'offset-gone': 'is gone: it was deleted, or the topic was deleted and made again',
  'beyond-end':
    'was moved beyond the end of the log: by an administrator or another program, or the topic was deleted and made again',
  'log-shorter':
    'has lost its log: the topic was deleted and made again, or an unclean leader election cut its log off',
};

/** For people. */
export function explainReset(
  groupId: string,
  { topic, partition }: TopicPartition,
  { from, to, reason }: { readonly from: number; readonly to: number; readonly reason: ResetReason },
): string {
  const ofLog = reason === 'log-shorter' || reason === 'topic-made-again';
  const subject = ofLog ? '' : `The offset of group ${groupId} for `;
  return `${subject}${topic}, partition ${partition}, ${WHAT[reason]}. velo had read up to ${from} and begins anew at ${to}: records from there on may come again, and what was not finished of the old position is dropped. Nothing is to be done, unless nobody meant it.`;
}

/** For people: the committed offset lies beyond the end of the log. */
export function explainBeyondEnd(
  groupId: string,
  { topic, partition }: TopicPartition,
  { from, to, latest }: { readonly from: number; readonly to: number; readonly latest: number },
): string {
  return `Group ${groupId} has committed offset ${from} of ${topic}, partition ${partition}, but the log ends at ${latest}: the topic was deleted and made again, the log was cut off, or the offset was set by hand. velo reads from the earliest record, ${to}: records may come again, and some may be missed that were lost with the old log. If that is not wanted, stop the group and reset its offset.`;
}
