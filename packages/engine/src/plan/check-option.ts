import { checkNumber, invalidOption } from '@velo/retry-core';
import { topicNameFault } from '../binding/legal-topic-name.js';

/** How an option is checked. Each throws `VELO_INVALID_OPTION`, which names the option, its value and what is allowed. */

export function fail(option: string, value: unknown, allowed: string): never {
  throw invalidOption(option, value, allowed);
}

export function oneOf<V extends string>(value: V, allowed: readonly V[], option: string): V {
  if (!allowed.includes(value)) fail(option, value, allowed.map((name) => `'${name}'`).join(' or '));
  return value;
}

/** Of what is from `min` to `max`, both included. */
export function whole(value: number, option: string, min: number, max: number): number {
  return checkNumber(value, option, min, max, true);
}

/** @param allowed what may stand there, before what is wrong with the name */
export function legalTopic(
  topic: unknown,
  option: string,
  allowed = (fault: string) => `a legal name: ${fault}`,
): string {
  const fault = typeof topic === 'string' ? topicNameFault(topic) : 'a name is a text';
  if (fault !== undefined) fail(option, topic, allowed(fault));
  return topic as string;
}

/** Of dead letters: they must not come back by a topic that the consumer reads. */
export function unreadTopic(topic: string, option: string, isRead: (topic: string) => boolean): string {
  if (isRead(topic))
    fail(option, topic, 'a topic that this consumer does not read: its records would go round for ever');
  return topic;
}

export function optionalFunction<F>(value: F, option: string): F {
  if (value !== undefined && typeof value !== 'function') fail(option, value, 'a function');
  return value;
}
