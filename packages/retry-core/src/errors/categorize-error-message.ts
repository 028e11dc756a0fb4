import { categorizeErrorCode } from './categorize-error-code.js';
import type { ErrorCategory } from './category.js';
import { findRowOfMessage } from './find-kafka-error-by-text.js';
import { matchPatterns } from './message-patterns.js';

/** Messages remembered, a power of two: a process that fails repeats few messages. */
const MEMO_SIZE = 256;

/** A longer message is not remembered, so that the memo holds at most 512 kB of text. */
const MAX_REMEMBERED = 1024;

const texts: string[] = /* @__PURE__ */ new Array<string>(MEMO_SIZE).fill('');
const categories: ErrorCategory[] = /* @__PURE__ */ new Array<ErrorCategory>(MEMO_SIZE).fill('Unknown');

/**
 * The category of an error message. First the exact texts of the error table, with or without `Broker: ` or `Local: `;
 * then kafkajs's "Unknown error code 100"; then patterns anywhere in the first 4,096 characters, any case, first match
 * wins: a missing topic, the network, authentication. Anything else is `Unknown`.
 *
 * Repeated messages come from a table with one place for each key (apps/bench: categorize by message).
 */
export function categorizeErrorMessage(message: string): ErrorCategory {
  if (typeof message !== 'string' || message.length === 0) return 'Unknown';
  const place = placeOf(message);
  if (texts[place] === message) return categories[place] as ErrorCategory;
  const category = categorizeNewMessage(message);
  if (message.length <= MAX_REMEMBERED) {
    texts[place] = message;
    categories[place] = category;
  }
  return category;
}

/** From the length and three characters: enough to tell the usual messages apart, whatever their length. */
function placeOf(message: string): number {
  const length = message.length;
  const first = message.charCodeAt(length >> 3);
  const middle = message.charCodeAt(length >> 1);
  const last = message.charCodeAt(length - 1);
  return (length + first * 3 + middle * 17 + last * 59) & (MEMO_SIZE - 1);
}

/** The same without the memo. */
export function categorizeNewMessage(message: string): ErrorCategory {
  const row = findRowOfMessage(message);
  if (row !== undefined) return row.category;
  const code = codeInMessage(message);
  return code === undefined ? matchPatterns(message) : categorizeErrorCode(code);
}

/** The number in kafkajs's text for a code that it does not know, any above 88. */
export function codeInMessage(message: string): number | undefined {
  if ((message.charCodeAt(0) | 32) !== 117 /* u */ || message.length < 20 || message.length > 25)
    return undefined;
  const digits = /^unknown error code (-?\d{1,5})$/i.exec(message)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
