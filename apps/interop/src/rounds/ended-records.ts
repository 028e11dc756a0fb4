import type { Attempt } from '../attempt.js';
import type { SpringDeadLetter } from '../programs/spring-app.js';
import { type Check, compare } from '../report/checks.js';
import { makersOf } from './attempts.js';
import type { ExpectedLetter } from './dead-letters.js';
import { namingOf } from './namings.js';
import { BYTES, type Written } from './records.js';

const FAILED = 'org.springframework.kafka.listener.ListenerExecutionFailedException';
const CAUSE = 'java.lang.IllegalStateException';

/** A record that ends as a dead letter. */
export interface Ended {
  readonly record: Written;
  readonly deadLetterTopic: string;
  readonly group: string;
  readonly permanent: boolean;
  /** Whether velo has given it up, or else Spring. */
  readonly byVelo: boolean;
}

/** @param groupPrefix of the names of groups */
export function endedAmong(
  records: readonly Written[],
  attempts: readonly Attempt[],
  groupPrefix: string,
): readonly Ended[] {
  return records
    .filter(({ value }) => !value.startsWith('pass'))
    .map((record) => ({
      record,
      deadLetterTopic: `${record.topic}-dlt`,
      group: `${groupPrefix}-${namingOf(record.topic).name}`,
      permanent: record.value === 'permanent',
      byVelo: makersOf(record, attempts).at(-1) === 'velo',
    }));
}

/** What velo is to read of it. */
export function asExpectedLetter({ permanent, byVelo, ...rest }: Ended): ExpectedLetter {
  const common = { ...rest, profile: 'spring', attempts: permanent ? 1 : 3 } as const;
  if (!byVelo) return { ...common, errorName: FAILED, errorCause: CAUSE };
  return permanent
    ? { ...common, reason: 'permanent', errorName: 'PermanentError' }
    : { ...common, reason: 'exhausted', errorName: 'Error' };
}

/** Whether a `@DltHandler` has taken them all. */
export function haveBeenTaken(letters: readonly SpringDeadLetter[], ended: readonly Ended[]): boolean {
  const taken = new Set(letters.map(idOfLetter));
  return ended.every((one) => taken.has(idOf(one)));
}

/** Each dead letter that a `@DltHandler` took must be of one of these records, and say what Spring's own would. */
export function checkTaken(
  system: string,
  letters: readonly SpringDeadLetter[],
  ended: readonly Ended[],
): Check {
  const taken = ended.filter((one) => haveBeenTaken(letters, [one]));
  return compare(
    system,
    'dead letters that an @DltHandler took',
    letters.map((letter) => ({ ...letter, id: idOfLetter(letter) })),
    taken.map(asSpringLetter),
  );
}

function asSpringLetter(ended: Ended) {
  const { record, group, permanent, byVelo } = ended;
  return {
    id: idOf(ended),
    key: record.key,
    bytes: BYTES,
    originalTopic: record.topic,
    originalPartition: record.partition,
    originalOffset: record.offset,
    originalTimestamp: record.timestamp,
    originalTimestampType: 'CreateTime',
    originalGroup: group,
    exception: byVelo ? (permanent ? 'PermanentError' : 'Error') : FAILED,
    // The number of the one that would follow.
    attempts: permanent ? 2 : 4,
  };
}

const idOf = ({ deadLetterTopic, record }: Ended): string => `${deadLetterTopic} ${record.value}`;
const idOfLetter = ({ topic, value }: SpringDeadLetter): string => `${topic} ${value}`;
