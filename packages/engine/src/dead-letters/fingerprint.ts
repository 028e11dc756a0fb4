import type { ErrorCategory } from '@velo/retry-core';
import { shortHash } from '../plan/short-hash.js';

/** Of a message that long, in UTF-16 units, dead letters are told apart; what is beyond says nothing. */
const WINDOW = 1_000;

/** `'…'` begins after no letter and ends before none: else an apostrophe would open a quotation. */
const QUOTED = /"[^"]*"|`[^`]*`|«[^»]*»|“[^”]*”|‘[^’]*’|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu;
/** Numbers, addresses, ids, times, with what hangs on them. */
const TOKEN = /[\p{L}\p{N}_.:/+-]+/gu;
const HOLDS_DIGIT = /\p{N}/u;
const HEX = /^[a-f]{8,}$/i;
const MARK = '#';

/**
 * What dead letters of one cause have in common: the class and the category of the error, and of its message what is not of the one record.
 */
export function fingerprintOf(
  name: string | undefined,
  category: ErrorCategory,
  message: string | undefined,
): string {
  return shortHash(`${name ?? ''}\0${category}\0${skeletonOf(message ?? '')}`);
}

/** The message without its numbers, ids and quoted texts. */
export function skeletonOf(message: string): string {
  const words = message
    .slice(0, WINDOW)
    .replace(QUOTED, ` ${MARK} `)
    .replace(TOKEN, (token) => (HOLDS_DIGIT.test(token) || HEX.test(token) ? ` ${MARK} ` : token))
    .split(/\s+/);
  return words.filter((word, i) => word !== '' && !(word === MARK && words[i - 1] === MARK)).join(' ');
}
