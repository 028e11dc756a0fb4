import { ILLEGAL, MAX_NAME } from '../binding/legal-topic-name.js';
import { HASH_LENGTH, shortHash } from './short-hash.js';

/**
 * Kafka refuses a topic whose name differs from another's in dots and underscores alone, since metrics show a dot as
 * an underscore. So names that hold a dot get a hash; names that hold underscores stay as they are.
 */
const AMBIGUOUS = '.';
/** A group that looks like a hash gets one of its own, else it would be taken for one. */
const LOOKS_HASHED = /^[0-9a-z]{11}$/;
const LEDGER = '-ledger';
/** The longest suffix that velo adds: `-retry-` and a wait with its number. */
const MAX_SUFFIX = 40;

/**
 * The beginning of the names of velo's own topics for a source topic and a group: `<topic>-<group>`.
 *
 * Two pairs never meet, nor are their names the same to Kafka: the last hyphen parts topic and group, and where that does
 * not hold (the group holds a hyphen, or looks like a hash), or the name holds a dot, or would be illegal or too long, a
 * hash of the pair is added.
 */
export function topicPrefix(topic: string, groupId: string): string {
  const plain = `${topic}-${groupId}`;
  const unambiguous = !groupId.includes('-') && !LOOKS_HASHED.test(groupId) && groupId !== '';
  const distinct = unambiguous && !plain.includes(AMBIGUOUS);
  if (distinct && !plain.match(ILLEGAL) && plain.length + MAX_SUFFIX <= MAX_NAME) return plain;
  const legal = plain.replace(ILLEGAL, '_').slice(0, MAX_NAME - MAX_SUFFIX - HASH_LENGTH - 1);
  return `${legal}-${shortHash(`${topic}\0${groupId}`)}`;
}

export function deadLetterTopic(topic: string, groupId: string): string {
  return `${topicPrefix(topic, groupId)}-dlt`;
}

/** `ordinal`: how many tiers before this one have the same wait. */
export function tierTopic(topic: string, groupId: string, wait: number, ordinal = 0): string {
  return `${tierPrefix(topic, groupId)}${compactDuration(wait)}${ordinal > 0 ? `-${ordinal + 1}` : ''}`;
}

/** Where dead letters go to be handled again, by this group alone, if it has no tiers. */
export function replayTopic(topic: string, groupId: string): string {
  return `${topicPrefix(topic, groupId)}-replay`;
}

/**
 * What was done with the dead letters of a topic. No two topics share a ledger: the names of topics that are too long for the suffix, and
 * of those that could be meant then, get a hash.
 */
export function ledgerTopic(deadLetters: string): string {
  const plain = `${deadLetters}${LEDGER}`;
  if (plain.length < MAX_NAME) return plain;
  const room = MAX_NAME - HASH_LENGTH - LEDGER.length - 1;
  return `${deadLetters.slice(0, room)}-${shortHash(deadLetters)}${LEDGER}`;
}

/** What the names of all tiers of a topic and a group begin with; the wait follows. */
export function tierPrefix(topic: string, groupId: string): string {
  return `${topicPrefix(topic, groupId)}-retry-`;
}

/** Whether Kafka holds two names to be the same: then it never makes the second topic. */
export function collides(one: string, other: string): boolean {
  return one.replaceAll('.', '_') === other.replaceAll('.', '_');
}

/** In the largest unit that divides it: 5_000 -> `5s`, 90_000 -> `90s`, 1_500 -> `1500ms`. */
function compactDuration(ms: number): string {
  for (const [size, unit] of [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1_000, 's'],
  ] as const) {
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
