import { instanceTaken } from '@velo/engine';
import { findKafkaErrorByText } from '@velo/retry-core';
import { CODES, codeOf, LibrdKafkaError } from './codes.js';
import type { LogLine } from './log-line.js';

const FATAL = /Fatal error: (.*)$/s;

/**
 * Why librdkafka has given a client up for good, which stands only in its log: as an error it is ERR__FATAL whatever the
 * reason, and the clients drop it where it comes behind messages in one call.
 *
 * @returns `undefined` for a line of the log about something else
 */
export function readFatalError({ fac, message }: LogLine): LibrdKafkaError | undefined {
  const [, text] = (fac === 'FATAL' && FATAL.exec(message)) || [];
  if (text === undefined) return undefined;
  return new LibrdKafkaError(findKafkaErrorByText(text)?.code ?? CODES.FATAL, text);
}

/** An error that no call after it survives. */
export function isFatal(error: unknown): boolean {
  const code = codeOf(error);
  return code === CODES.FATAL || code === CODES.FENCED_INSTANCE_ID;
}

/** @param instanceId `group.instance.id` */
export function fencedInstance(groupId: string, instanceId: unknown, cause: unknown): LibrdKafkaError {
  return new LibrdKafkaError(
    CODES.FENCED_INSTANCE_ID,
    `Static consumer fenced: ${instanceTaken(groupId, String(instanceId))}`,
    { cause },
  );
}
