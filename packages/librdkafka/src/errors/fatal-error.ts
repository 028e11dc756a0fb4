import { instanceHeld, instanceTaken } from '@velo/engine';
import { findKafkaErrorByText } from '@velo/retry-core';
import { CODES, codeOf, LibrdKafkaError } from './codes.js';
import type { LogLine } from './log-line.js';

const FATAL = /Fatal error: (.*)$/s;

/** Another member has the same id. The older protocol puts the first one out; where brokers assign, the second one waits. */
const OF_INSTANCES: ReadonlyMap<number, (groupId: string, instanceId: string) => string> = new Map([
  [CODES.FENCED_INSTANCE_ID, instanceTaken],
  [CODES.UNRELEASED_INSTANCE_ID, instanceHeld],
]);

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

/** The same error; where another member has this one's id, in words. @param instanceId `group.instance.id` */
export function toldInstance(error: unknown, groupId: string, instanceId: unknown): unknown {
  const code = codeOf(error) ?? 0;
  const words = OF_INSTANCES.get(code)?.(groupId, String(instanceId));
  return words === undefined ? error : new LibrdKafkaError(code, words, { cause: error });
}
