import type { Attempt, Party } from '../attempt.js';
import { type Check, compare } from '../report/checks.js';
import { topicOfAttempt } from './namings.js';
import { BYTES, type Written } from './records.js';

type Place = Pick<Attempt, 'topic' | 'value' | 'attempt'>;

const idOf = ({ topic, value, attempt }: Place): string => `${topic} ${value} ${attempt}`;

/** Those that a record must have, each once, whoever makes it: `pass`, `pass at 2` and `permanent` say so, all others fail. */
export function attemptsAt({ topic, value }: Written): readonly Place[] {
  const last = value === 'pass' || value === 'permanent' ? 1 : value === 'pass at 2' ? 2 : 3;
  return Array.from({ length: last }, (_, i) => ({
    topic: topicOfAttempt(topic, i + 1),
    value,
    attempt: i + 1,
  }));
}

/** Whether all have been made. */
export function haveBeenMade(attempts: readonly Attempt[], wanted: readonly Place[]): boolean {
  const made = new Set(attempts.map(idOf));
  return wanted.every((place) => made.has(idOf(place)));
}

/** Who has made the attempts at a record, the first one first. */
export function makersOf(record: Written, attempts: readonly Attempt[]): readonly (Party | undefined)[] {
  return attemptsAt(record).map((place) => attempts.find((one) => idOf(one) === idOf(place))?.by);
}

/**
 * Attempts that nobody has made or will make: a Spring that is stopped may hand a record that waits on to the next retry topic
 * untried, with the attempt counted (seen with 3.3.16 and 4.1.2 on a busy machine: nothing of it in its log, and velo goes on
 * with the next attempt).
 */
export function untriedBySpring(record: Written, attempts: readonly Attempt[]): readonly Place[] {
  const makers = makersOf(record, attempts);
  return attemptsAt(record).filter(
    (_, i) => makers[i] === undefined && makers[i - 1] === 'Spring' && makers[i + 1] === 'velo',
  );
}

/** Each must have been made once, none before its time, with key and header as they were written. */
export function checkAttempts(
  system: string,
  what: string,
  attempts: readonly Attempt[],
  records: readonly Written[],
): Check {
  const untried = new Set(records.flatMap((record) => untriedBySpring(record, attempts)).map(idOf));
  const wanted = records.flatMap((record) => attemptsAt(record).map((place) => ({ record, place })));
  const expected = wanted
    .filter(({ place }) => !untried.has(idOf(place)))
    .map(({ record, place }) => ({ id: idOf(place), key: record.key, bytes: BYTES, early: false }));
  const sources = new Set(records.map(({ topic }) => topic));
  const made = attempts.filter(({ topic }) => [...sources].some((source) => topic.startsWith(source)));
  return compare(
    system,
    what,
    made.map((one) => ({ ...one, id: idOf(one) })),
    expected,
  );
}

/** @throws {Error} if there is a topic without a record that one of them began with and the other went on with */
export function ensureHandedOver(
  from: Party,
  to: Party,
  attempts: readonly Attempt[],
  records: readonly Written[],
) {
  for (const topic of new Set(records.map((record) => record.topic))) {
    const makers = records
      .filter((record) => record.topic === topic)
      .map((record) => makersOf(record, attempts));
    if (!makers.some((each) => each.some((by, i) => by === to && each.slice(0, i).includes(from))))
      throw new Error(`${to} had no record of ${topic} to go on with that ${from} had begun`);
  }
}
