import { checkNames, invalidOption, isNear, show, VeloError } from '@velo/retry-core';
import { topicNameFault } from '../binding/legal-topic-name.js';
import type { ProducerMessage, TopicMessages } from './producer-message.js';

const RECORD_NAMES = { topic: true, messages: true } as const satisfies Record<keyof TopicMessages, true>;

const MESSAGE_NAMES = [
  'key',
  'value',
  'headers',
  'partition',
  'timestamp',
] as const satisfies (keyof ProducerMessage)[];
/** Those of a record that was read, too. */
const NAMES: ReadonlySet<string> = new Set([...MESSAGE_NAMES, 'topic', 'offset']);

/**
 * What is sent, before anything of it is: else a text in place of a message, or a misspelt `value`, would be sent as
 * null, which deletes the key in a compacted topic, and misspelt `headers` would be lost. Further names of a message are let through: a record
 * that was read may be sent on.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`
 */
export function checkBatch(topicMessages: readonly TopicMessages[]): void {
  if (!Array.isArray(topicMessages)) throw invalidOption('topicMessages', topicMessages, 'a list');
  for (const each of topicMessages) {
    checkNames(each, RECORD_NAMES, 'send()');
    const { topic, messages } = each;
    const fault = typeof topic === 'string' ? topicNameFault(topic) : 'a name is a text';
    if (fault !== undefined) throw invalidOption('topic', topic, `a legal name: ${fault}`);
    if (!Array.isArray(messages))
      throw invalidOption('messages', messages, "a list, such as [{ value: 'text' }]");
    for (const message of messages) checkMessage(message);
  }
}

function checkMessage(message: ProducerMessage): void {
  if (typeof message !== 'object' || message === null)
    throw invalidOption('a message', message, "an object, such as { key: 'k', value: 'text' }");
  if (message.value === undefined)
    throw invalidOption(
      'value of a message',
      undefined,
      'bytes, a text, or null, which deletes the key. Nothing was sent',
    );
  for (const name in message) if (!NAMES.has(name)) checkSlip(name, message);
}

/** @throws {VeloError} `VELO_INVALID_OPTION` for a name that stands for another one, which is missing */
function checkSlip(name: string, message: ProducerMessage): void {
  for (const known of MESSAGE_NAMES) {
    if (message[known] !== undefined || !isSlip(name, known)) continue;
    throw new VeloError(
      'VELO_INVALID_OPTION',
      `A message has no ${show(name)}: it would be left out of the record. Nothing was sent. Did you mean ${show(known)}? Rename it, or take it out of the message.`,
    );
  }
}

/** Short names are like too many others: of those another case and a plural count alone. */
function isSlip(name: string, known: string): boolean {
  if (known.length > 5) return isNear(name, known);
  const plain = name.toLowerCase();
  return plain === known || plain === `${known}s`;
}
