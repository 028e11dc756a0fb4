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

export function legalTopic(topic: string, option: string): string {
  const fault = typeof topic === 'string' ? topicNameFault(topic) : 'it is no text';
  if (fault !== undefined) fail(option, topic, `a legal name: ${fault}`);
  return topic;
}

export function optionalFunction<F>(value: F, option: string): F {
  if (value !== undefined && typeof value !== 'function') fail(option, value, 'a function');
  return value;
}
