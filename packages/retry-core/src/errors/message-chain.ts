import { asText } from './as-text.js';
import { isObject, readArray, readProperty, readText } from './safe-read.js';

/** Errors that are read, of causes and of errors within an AggregateError together. */
const MAX_ERRORS = 12;
/** Of an AggregateError: the first ones. */
const MAX_TOGETHER = 4;
/** Of each message, in UTF-16 units. */
const MAX_MESSAGE = 8 * 1024;

/**
 * The message of anything that was thrown, with those of its causes behind it: `fetch failed: connect ECONNREFUSED 10.0.0.1:80`. What is an
 * AggregateError has those of its errors beside each other. A message that a former one has quoted is not said again. Whatever may be
 * in it: what looks like secrets, control characters. Never throws, and ends in a circle, too.
 */
export function messageChain(error: unknown): string {
  return (
    chain(error, { seen: new Set(), left: MAX_ERRORS }) || asText(readProperty(error, 'message') || error)
  );
}

interface Reading {
  readonly seen: Set<object>;
  left: number;
}

function chain(error: unknown, reading: Reading): string {
  let said = '';
  for (let at = error; at !== undefined && at !== null; at = readProperty(at, 'cause')) {
    if (reading.left-- <= 0) break;
    if (isObject(at)) {
      if (reading.seen.has(at)) break;
      reading.seen.add(at);
    }
    said = joined(said, joined(messageOf(at), together(at, reading)));
  }
  return said;
}

function messageOf(error: unknown): string {
  return (typeof error === 'string' ? error : readText(error, 'message')).slice(0, MAX_MESSAGE);
}

function together(error: unknown, reading: Reading): string {
  const count = readArray(error, 'errors', MAX_TOGETHER + 1).length;
  const texts = readArray(error, 'errors', MAX_TOGETHER).map((each) => chain(each, reading));
  const told = [...new Set(texts)].filter((text) => text !== '').join('; ');
  return told === '' || count <= MAX_TOGETHER ? told : `${told}; …`;
}

/** What has written a sentence does not go on in it. */
function joined(said: string, more: string): string {
  if (more === '' || said.includes(more)) return said;
  if (said === '') return more;
  return /[.!?]\s*$/.test(said) ? `${said} Cause: ${more}` : `${said}: ${more}`;
}
