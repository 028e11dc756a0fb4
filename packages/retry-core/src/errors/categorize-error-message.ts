import type { ErrorCategory } from '../error-category.js';
import { ownText } from '../own-text.js';
import { categorizeErrorCode } from './categorize-error-code.js';
import { findRowOfMessage } from './find-kafka-error-by-text.js';
import { categoryOfRank } from './message-patterns.js';
import { beginsWithUnknownTopic, rankOfMessage } from './scan-message.js';

/** Messages remembered by their length, and as many by more: a process that fails repeats few messages. */
const PLACES = 256;

/** A longer message is not remembered, so that the memo holds at most 1 MB of text. */
const MAX_REMEMBERED = 1024;

const texts: string[] = /* @__PURE__ */ new Array<string>(2 * PLACES).fill('');
const categories: ErrorCategory[] = /* @__PURE__ */ new Array<ErrorCategory>(2 * PLACES).fill('Unknown');
/** What was new at a place last, as a number: only a message that comes again is worth a copy of its text. */
const seen = /* @__PURE__ */ new Float64Array(PLACES);

/**
 * The category of an error message. First the exact texts of the error table, with or without `Broker: ` or `Local: `;
 * then kafkajs's "Unknown error code 100"; then patterns anywhere in the first 4,096 characters, any case, first match
 * wins: a missing topic, the network, authentication. Anything else is `Unknown`.
 *
 * Repeated messages come from a memo of 512 (apps/bench: category by message). It holds copies of their texts, since a
 * message may be a slice of the record that it quotes.
 */
export function categorizeErrorMessage(message: string): ErrorCategory {
  if (typeof message !== 'string') return 'Unknown';
  // The length alone tells most messages apart, and no character need be read: each costs a repeated message a quarter.
  const place = message.length & (PLACES - 1);
  return texts[place] === message ? (categories[place] as ErrorCategory) : recall(message, place);
}

/** Messages of equal length: by two characters as well. One that is met again goes to the front. */
function recall(message: string, front: number): ErrorCategory {
  const { length } = message;
  // The sixth from the end tells hosts apart: "connect ECONNREFUSED 10.0.0.1:9092".
  const mixed =
    length + message.charCodeAt(length >> 1) * 17 + message.charCodeAt(Math.max(length - 6, 0)) * 59;
  const place = PLACES + (mixed & (PLACES - 1));
  if (texts[place] === message) {
    texts[front] = texts[place];
    categories[front] = categories[place] as ErrorCategory;
    return categories[place] as ErrorCategory;
  }
  const category = categorizeNewMessage(message);
  if (length <= MAX_REMEMBERED && cameBefore(message, mixed)) {
    texts[place] = ownText(message);
    categories[place] = category;
  }
  return category;
}

/** Whether the last new message at its place was probably the same: by its end, where numbers and names stand. */
function cameBefore(message: string, mixed: number): boolean {
  const { length } = message;
  const mark = mixed * 65_536 + message.charCodeAt(length - 1) * 256 + message.charCodeAt(length - 2);
  const place = mixed & (PLACES - 1);
  if (seen[place] === mark) return true;
  seen[place] = mark;
  return false;
}

/** The same without the memo. */
function categorizeNewMessage(message: string): ErrorCategory {
  // All texts of the table that begin like this are of this category, too.
  if (beginsWithUnknownTopic(message, message.charCodeAt(0))) return 'TopicMissing';
  const row = findRowOfMessage(message);
  if (row !== undefined) return row.category;
  const code = codeInMessage(message);
  return code === undefined ? categoryOfRank(rankOfMessage(message)) : categorizeErrorCode(code);
}

/** The number in kafkajs's text for a code that it does not know, any above 88. */
export function codeInMessage(message: string): number | undefined {
  if ((message.charCodeAt(0) | 32) !== 117 /* u */ || message.length < 20 || message.length > 25)
    return undefined;
  const digits = /^unknown error code (-?\d{1,5})$/i.exec(message)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
