import type { ErrorCategory } from './category.js';

/** Only so many characters of a message are looked at. */
const MAX_SCANNED = 4096;

interface Rank {
  readonly category: ErrorCategory;
  /** Patterns in lower case, as a regular expression writes them. */
  readonly patterns: string;
  /** The places of `WINDOWS` by which the scan notices them: at least one for each pattern. */
  readonly places: readonly number[];
  /** No pattern starts further before a character of its window. */
  readonly lookBack: number;
}

/** What to look for, most telling first. The first three are the specification's; the rest is tried where they say nothing. */
const RANKS: readonly Rank[] = [
  {
    category: 'TopicMissing',
    patterns: 'unknown topic|topic does not exist|topic not found|does not host this topic',
    places: [0],
    lookBack: 22,
  },
  {
    category: 'NetworkIssue',
    patterns: 'network|connection|broker|econnrefused|econnreset|enotfound|etimedout|epipe|eai_again',
    places: [1, 2, 3, 4],
    lookBack: 6,
  },
  // "auth" covers "unauthorized".
  { category: 'AuthenticationIssue', patterns: 'auth|permission', places: [5, 6], lookBack: 3 },
  // kafkajs: "The producer is disconnected", "Not connected", "The request timed out"; Node: "socket hang up".
  {
    category: 'NetworkIssue',
    patterns: 'disconnect|not connected|failed to connect|timed out|socket hang up',
    places: [1, 4, 7],
    lookBack: 13,
  },
  // kafkajs: "SASL PLAIN: Invalid username or password".
  { category: 'AuthenticationIssue', patterns: 'sasl ', places: [7], lookBack: 3 },
];

/**
 * Rare parts of the patterns: four characters with the one before, and two after; `?` where that may be any. One place
 * has four bits of the masks; windows that share one let a little more through, which is then matched in full anyway.
 */
const WINDOWS: readonly (readonly string[])[] = [
  ['?topic?'],
  ['?connec', '?connre'],
  ['etwork?', '?broker'],
  ['notfoun', 'i_again', 'epipe??'],
  ['?timed ', '?timedo'],
  ['?auth??'],
  ['?permis'],
  [' hang u', '?sasl ?'],
];

interface Scanner {
  /**
   * By two characters in a row, the low five bits of each: for each place, at which of its four offsets a window there has
   * the first. Five bits make capitals equal to small letters.
   */
  readonly pairs: Int32Array;
  /** By the low five bits of the character before, and of the one after the two, likewise. */
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly bitsOfRank: readonly number[];
  readonly expressions: readonly RegExp[];
}

let scanner: Scanner | undefined;

/**
 * The category of the first pattern, in the order of the ranks, that stands anywhere in the message, any case.
 *
 * Four characters in a row cover one position in four: only those are looked at, and only where four characters fit is a
 * rank's regular expression asked, once. Quicker than the three expressions alone where nothing or something late matches
 * (apps/bench: categorize by message).
 */
export function matchPatterns(message: string): ErrorCategory {
  const { pairs, before, after } = scanner ?? buildScanner();
  const text = message.length > MAX_SCANNED ? message.slice(0, MAX_SCANNED) : message;
  // The last position may have no neighbour: it is looked at by the expressions alone.
  const end = text.length - 1;
  let open = (1 << RANKS.length) - 1;
  let wanted = -1;
  let best = -1;
  for (let at = 3; at <= end; at += 4) {
    const next = at < end ? text.charCodeAt(at + 1) & 31 : 0;
    let bits = (pairs[((text.charCodeAt(at) & 31) << 5) | next] as number) & wanted;
    if (bits === 0) continue;
    bits &= (before[text.charCodeAt(at - 1) & 31] as number) & (at + 2 <= end ? (after[text.charCodeAt(at + 2) & 31] as number) : -1);
    if (bits === 0) continue;
    const outcome = askRanks(text, at, bits, open);
    if (outcome >= 0) best = outcome;
    open &= outcome >= 0 ? (1 << outcome) - 1 : outcome;
    if (open === 0) break;
    wanted = bitsOfRanks(open);
  }
  return best < 0 ? 'Unknown' : (RANKS[best] as Rank).category;
}

/** The first of the `open` ranks that matches from around `at` on, else `~` the ranks that were asked in vain. */
function askRanks(text: string, at: number, bits: number, open: number): number {
  const { bitsOfRank, expressions } = scanner as Scanner;
  let asked = 0;
  for (let rank = 0; rank < expressions.length; rank += 1) {
    if (((open >> rank) & 1) === 0 || ((bitsOfRank[rank] as number) & bits) === 0) continue;
    const expression = expressions[rank] as RegExp;
    expression.lastIndex = Math.max(0, at - (RANKS[rank] as Rank).lookBack);
    if (expression.test(text)) return rank;
    asked |= 1 << rank;
  }
  return ~asked;
}

function bitsOfRanks(open: number): number {
  const { bitsOfRank } = scanner as Scanner;
  let bits = 0;
  for (let rank = 0; rank < bitsOfRank.length; rank += 1) {
    if ((open >> rank) & 1) bits |= bitsOfRank[rank] as number;
  }
  return bits;
}

function buildScanner(): Scanner {
  const pairs = new Int32Array(1024);
  const before = new Int32Array(32);
  const after = new Int32Array(32);
  WINDOWS.forEach((windows, place) => {
    for (const window of windows) {
      for (let offset = 0; offset < 4; offset += 1) {
        const bit = 1 << (place * 4 + offset);
        const first = window.charCodeAt(offset + 1) & 31;
        for (const second of matching(window, offset + 2)) mark(pairs, (first << 5) | second, bit);
        for (const code of matching(window, offset)) mark(before, code, bit);
        for (const code of matching(window, offset + 3)) mark(after, code, bit);
      }
    }
  });
  const bitsOfRank = RANKS.map(({ places }) => places.reduce((bits, place) => bits | (15 << (place * 4)), 0));
  const expressions = RANKS.map(({ patterns }) => new RegExp(patterns, 'gi'));
  scanner = { pairs, before, after, bitsOfRank, expressions };
  return scanner;
}

function mark(table: Int32Array, index: number, bit: number): void {
  table[index] = (table[index] as number) | bit;
}

/** The low five bits of the character that a window has at `index`, or of any character. */
function matching(window: string, index: number): readonly number[] {
  return window[index] === '?' ? Array.from({ length: 32 }, (_, code) => code) : [window.charCodeAt(index) & 31];
}
