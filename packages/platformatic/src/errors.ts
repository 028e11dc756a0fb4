import {
  foreignMessage,
  instanceTaken,
  KafkaCodeError,
  readProperty,
  unknownTo,
  withoutLeader,
} from '@velo/engine';
import { findKafkaError } from '@velo/retry-core';

/** As velo's errors name the client. */
export const CLIENT = '@platformatic/kafka';

export const UNKNOWN_TOPIC_OR_PARTITION = 3;
export const LEADER_NOT_AVAILABLE = 5;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;
export const NOT_CONTROLLER = 41;
const FENCED_INSTANCE_ID = 82;

/** The coordinator has moved, or is about to. */
export const COORDINATOR_MOVED: ReadonlySet<number> = new Set([
  COORDINATOR_LOAD_IN_PROGRESS,
  COORDINATOR_NOT_AVAILABLE,
  NOT_COORDINATOR,
]);

/** The number that a broker answered with, where `refusal` has made an error of it. Never throws. */
export function brokerCode(error: unknown): number | undefined {
  const code = readProperty(error, 'code');
  return typeof code === 'number' ? code : undefined;
}

/** @param about in words: a topic, a group */
export function refusal(code: number, about: string, message?: string | null): KafkaCodeError {
  const name = findKafkaError(code)?.name ?? 'a code that velo does not know';
  const told = message ? `: ${message}` : '';
  return new KafkaCodeError(code, `the broker answered ${name} (${code}) for ${about}${told}`);
}

/** @throws what `refusal` makes, if the code is one of an error */
export function check(code: number, about: string, message?: string | null): void {
  if (code !== 0) throw refusal(code, about, message);
}

/** @throws if a broker has refused what a member asked, or committed. @param about @default the group */
export function checkMember(
  code: number,
  groupId: string,
  instanceId: string | null,
  about = `group "${groupId}"`,
): void {
  if (code === FENCED_INSTANCE_ID) throw new KafkaCodeError(code, instanceTaken(groupId, instanceId ?? ''));
  check(code, about);
}

export function unknownPartition(topic: string, partition: number): KafkaCodeError {
  return new KafkaCodeError(UNKNOWN_TOPIC_OR_PARTITION, unknownTo(CLIENT, topic, partition));
}

/** Nothing was asked. */
export function noLeader(topic: string, partition: number): KafkaCodeError {
  return new KafkaCodeError(LEADER_NOT_AVAILABLE, withoutLeader(topic, partition));
}

/** Its batches are none. */
export function unreadable(topic: string, partition: number, cause: unknown): Error {
  return new Error(`partition ${partition} of "${topic}" cannot be read: ${foreignMessage(cause)}`, {
    cause,
  });
}
