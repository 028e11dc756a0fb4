import { findRowByText } from './error-text-index.js';
import type { KafkaErrorCode } from './kafka-error-code.js';

/** Longer than any text with its prefix; a longer message is cut here. */
const MAX_TEXT_LENGTH = 512;

/**
 * Finds a row by librdkafka's text for it, any case, with or without `Broker: ` or `Local: `. This is how the code comes
 * back that node-rdkafka loses: its `event.error` and its delivery reports carry -1 and the text in lower case.
 * After the prefix, more may follow behind a further colon: `Broker: Topic authorization failed: orders`.
 */
export function findKafkaErrorByText(text: string): KafkaErrorCode | undefined {
  if (typeof text !== 'string') return undefined;
  return findRowOfMessage(text.slice(0, MAX_TEXT_LENGTH).trim());
}

/** The same without trimming, for the hot path. */
export function findRowOfMessage(message: string): KafkaErrorCode | undefined {
  const start = prefixLength(message);
  const row = findRowByText(message, start, message.length);
  if (row !== undefined || start === 0) return row;
  const colon = message.indexOf(': ', start);
  return colon < 0 ? undefined : findRowByText(message, start, colon);
}

/** The length of a leading `Broker: ` or `Local: `, else 0. */
function prefixLength(message: string): number {
  const first = message.charCodeAt(0) | 32;
  if (first === 98 /* b */ && message.charCodeAt(6) === 58 /* : */) return /^broker: /i.test(message) ? 8 : 0;
  if (first === 108 /* l */ && message.charCodeAt(5) === 58 /* : */) return /^local: /i.test(message) ? 7 : 0;
  return 0;
}
