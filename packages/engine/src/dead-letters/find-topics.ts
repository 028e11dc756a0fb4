import { invalidOption, VeloError } from '@velo/retry-core';
import { legalTopic } from '../plan/check-option.js';
import { deadLetterTopic } from '../plan/topic-names.js';

/** A topic where dead letters of the group may stand. */
export interface DeadLetterTopic {
  readonly topic: string;
  /** Whose dead letters it holds, by its name. */
  readonly source: string | undefined;
  /** Its name holds the group, so that no other group writes there. */
  readonly holdsGroup: boolean;
  /** The caller has named it. */
  readonly isNamed: boolean;
}

/** Of velo's names, and of Spring's. */
const SUFFIX = '-dlt';
const HASH = /-[0-9a-z]{11}$/;

/**
 * Where the group's dead letters are.
 *
 * @param named sources or topics of dead letters; `undefined`: all that the listed names tell
 * @throws {VeloError} `VELO_TOPIC_MISSING` for a named one that is not there, nor dead letters of it
 */
export function findDeadLetterTopics(
  listed: readonly string[],
  groupId: string,
  named: readonly string[] | undefined,
): DeadLetterTopic[] {
  const names = new Set(listed);
  const own = new Map(listed.map((source) => [deadLetterTopic(source, groupId), source]));
  const known = (topic: string) => byName(topic, groupId, own, names);
  if (named === undefined) return listed.flatMap((topic) => known(topic) ?? []);
  const found = new Map<string, DeadLetterTopic>();
  for (const name of named) {
    const letters = [deadLetterTopic(name, groupId), `${name}${SUFFIX}`].filter((topic) => names.has(topic));
    if (letters.length === 0 && !names.has(name)) throw missing(name, groupId);
    for (const topic of letters.length > 0 ? letters : [name]) {
      const told = known(topic) ?? { topic, source: undefined, holdsGroup: false };
      found.set(topic, { ...told, isNamed: topic === name });
    }
  }
  return [...found.values()];
}

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkTopics(topics: unknown): readonly string[] | undefined {
  if (topics === undefined) return undefined;
  if (!Array.isArray(topics) || topics.length === 0)
    throw invalidOption('topics of deadLetters()', topics, "a list of names, such as ['orders']");
  return topics.map((topic) => legalTopic(topic, 'topics of deadLetters()'));
}

/**
 * What a topic's name tells; `undefined` where it is none of dead letters.
 *
 * @param own the group's topics of dead letters of all sources that are there
 */
function byName(
  topic: string,
  groupId: string,
  own: ReadonlyMap<string, string>,
  names: ReadonlySet<string>,
): DeadLetterTopic | undefined {
  if (!topic.endsWith(SUFFIX)) return undefined;
  const source = own.get(topic) ?? formerSource(topic, groupId);
  if (source !== undefined) return { topic, source, holdsGroup: true, isNamed: false };
  const springs = topic.slice(0, -SUFFIX.length);
  return names.has(springs) ? { topic, source: springs, holdsGroup: false, isNamed: false } : undefined;
}

/** A source that is gone, by the name of its dead letters; not where that name had to be cut, or characters of it replaced. */
function formerSource(topic: string, groupId: string): string | undefined {
  const prefix = topic.slice(0, -SUFFIX.length);
  for (const begin of [prefix, prefix.replace(HASH, '')]) {
    const source = begin.slice(0, Math.max(0, begin.length - groupId.length - 1));
    if (source !== '' && deadLetterTopic(source, groupId) === topic) return source;
  }
  return undefined;
}

function missing(name: string, groupId: string): VeloError {
  return new VeloError(
    'VELO_TOPIC_MISSING',
    `There is no topic ${name}, and none of dead letters that group ${groupId} has of it (${deadLetterTopic(name, groupId)}). Nothing was read or written. Name a source, or a topic of dead letters, that exists; without topics, all that the group's name tells are taken.`,
  );
}
