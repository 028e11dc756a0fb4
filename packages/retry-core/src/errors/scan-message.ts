import { messagePatterns, NO_RANK } from './message-patterns.js';
import {
  atHead,
  atSamples,
  atTopics,
  fillTables,
  GROUPS,
  lengths,
  lists,
  offsetOf,
  packed,
  patternOf,
  probeAt,
  probeMask,
  STRIDE,
  TOPIC_LENGTH,
} from './scan-tables.js';

/** Only so many characters of a message are looked at. */
const MAX_SCANNED = 4096;

let filled = false;

/**
 * The lowest rank of the patterns that stand in the message, any case; `NO_RANK` without one.
 *
 * Every pattern is at least four characters long, so it covers one position in four: only those are looked at. The letter
 * there and the one four before (long patterns have both) lead to a list of what may stand there, mostly empty; a letter
 * nearby turns most of the rest away; what is left is compared in full. Nothing is allocated.
 *
 * Reading one character costs 1 ns, a regular expression 9 ns and 0.2 to 0.5 more for each character and class of
 * patterns. What else was tried stands in apps/bench/README.md.
 */
export function rankOfMessage(message: string): number {
  if (!filled) {
    fillTables();
    filled = true;
  }
  const end = Math.min(message.length, MAX_SCANNED);
  let best = rankOfHead(message, message.charCodeAt(0));
  if (best === 1) return scanForTopics(message, TOPIC_LENGTH - 2, end);
  // As local constants they are not loaded anew at each position.
  const samples = atSamples;
  const probes = probeAt;
  const masks = probeMask;
  let before = 0;
  for (let at = STRIDE - 1; at < end; at += STRIDE) {
    const letter = message.charCodeAt(at) & 31;
    const list = samples[(before << 5) | letter] as number;
    before = letter;
    if (list === 0) continue;
    const probe = at + (probes[list] as number);
    if (probe >= end || (((masks[list] as number) >> (message.charCodeAt(probe) & 31)) & 1) === 0) continue;
    best = lowestRank(message, at, end, list, best);
    // Below rank 1 is only rank 0, whose patterns are long.
    if (best < 2) return best === 0 ? 0 : scanForTopics(message, at, end);
  }
  return best;
}

/** "unkn", "own " and "topi" as `fourAt` gives them. */
const UNKN = 0x6e6b6e75;
const OWN_ = 0x206e776f;
const TOPI = 0x69706f74;

/** Whether the message begins with the most usual of all: written out, which is twice as fast as `matches`. */
export function beginsWithUnknownTopic(message: string, first: number): boolean {
  return (
    (first | 32) === 117 /* u */ &&
    message.length >= TOPIC_LENGTH &&
    fourAt(message, 0) === UNKN &&
    fourAt(message, 4) === OWN_ &&
    fourAt(message, 8) === TOPI &&
    (message.charCodeAt(12) | 32) === 99 /* c */
  );
}

/** First letters of `atHead`, as bits: n, b, c, e, s. */
const HEADS = (1 << 14) | (1 << 2) | (1 << 3) | (1 << 5) | (1 << 19);

/** The rank of the pattern that the message begins with, if that is rank 1 or a pattern of heads only; else `NO_RANK`. */
function rankOfHead(message: string, first: number): number {
  if (((HEADS >> (first & 31)) & 1) === 0 || message.length < STRIDE) return NO_RANK;
  const head = atHead[((first & 31) << 5) | (message.charCodeAt(1) & 31)] as number;
  return head > 0 && matches(message, 0, message.length, head - 1) ? rankOf(head - 1) : NO_RANK;
}

function rankOf(pattern: number): number {
  return (messagePatterns[pattern] as { rank: number }).rank;
}

/** 0 if a pattern of rank 0 begins less than `TOPIC_LENGTH` before `from` or later, else 1. */
function scanForTopics(message: string, from: number, end: number): number {
  for (let at = from; at < end - 1; at += TOPIC_LENGTH - 1) {
    const list = atTopics[((message.charCodeAt(at) & 31) << 5) | (message.charCodeAt(at + 1) & 31)] as number;
    if (list !== 0 && lowestRank(message, at, end, list, 1) === 0) return 0;
  }
  return 1;
}

function lowestRank(message: string, at: number, end: number, list: number, best: number): number {
  for (const place of lists[list] as number[]) {
    const pattern = patternOf(place);
    const rank = rankOf(pattern);
    if (rank >= best) return best;
    if (matches(message, at - offsetOf(place), end, pattern)) return rank;
  }
  return best;
}

/** Four characters at a time, the last four overlapping; NUL passes for a space. */
function matches(message: string, start: number, end: number, pattern: number): boolean {
  const words = packed;
  const last = start + (lengths[pattern] as number) - 4;
  if (start < 0 || last + 4 > end) return false;
  let word = pattern * GROUPS;
  for (let at = start; at < last; at += 4) if (fourAt(message, at) !== words[word++]) return false;
  return fourAt(message, last) === words[word];
}

/** Four characters as one number, letters in lower case; with one beyond ASCII a number that no pattern has. */
function fourAt(message: string, at: number): number {
  const a = message.charCodeAt(at);
  const b = message.charCodeAt(at + 1);
  const c = message.charCodeAt(at + 2);
  const d = message.charCodeAt(at + 3);
  return (a | b | c | d) < 128 ? a | (b << 8) | (c << 16) | (d << 24) | 0x20202020 : 0;
}
