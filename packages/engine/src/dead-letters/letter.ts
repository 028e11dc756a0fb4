import { categorizeErrorMessage, type ErrorCategory, errorCategories, printed } from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';
import { cut, MAX_GROUP } from '../headers/bounds.js';
import { text } from '../headers/header-values.js';
import { type DeadLetterInfo, readDeadLetter } from '../headers/read-dead-letter.js';
import { readReplays } from '../headers/replays.js';
import type { DeadLetterTopic } from './find-topics.js';
import { fingerprintOf } from './fingerprint.js';
import type { DeadLetter, DeadLetterStatus } from './types.js';

/** A dead letter of the group, whatever became of it. */
export type Letter = Omit<DeadLetter, 'status'>;

/**
 * What a record of a topic of dead letters is to the group; `undefined` for what is none of its dead letters. Total. One that names no group
 * is the group's where the topic's name says so, or the caller; one that tells nothing at all, where the topic's name says so.
 */
export function readLetter(
  record: KafkaRecord,
  { groupId, found }: { readonly groupId: string; readonly found: DeadLetterTopic },
): Letter | undefined {
  const info = readDeadLetter(record);
  if (info === undefined ? !found.holdsGroup : !isOf(groupId, info, found)) return undefined;
  const { topic, partition, offset, timestamp } = record;
  const category = categoryOf(record, info);
  return {
    topic,
    partition,
    offset,
    timestamp,
    record,
    info,
    source: info?.topic ?? found.source,
    category,
    fingerprint: fingerprintOf(info?.error.name, category, info?.error.message),
    replays: readReplays(record.headers),
  };
}

export function withStatus(letter: Letter, status: DeadLetterStatus): DeadLetter {
  return { ...letter, status };
}

/** For people, and for `at`. */
export function atOf({ topic, partition, offset }: Pick<Letter, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}:${partition}:${offset}`;
}

function isOf(groupId: string, { group }: DeadLetterInfo, { holdsGroup, isNamed }: DeadLetterTopic): boolean {
  return group === undefined ? holdsGroup || isNamed : group === printed(cut(groupId, MAX_GROUP));
}

/** What velo wrote is believed where it has a meaning; else the error's text is judged. */
function categoryOf({ headers }: KafkaRecord, info: DeadLetterInfo | undefined): ErrorCategory {
  const written = info?.profile === 'velo' ? text(headers.get('velo-error-category'), 32) : undefined;
  return (
    errorCategories.find((category) => category === written) ??
    categorizeErrorMessage(info?.error.message ?? '')
  );
}
