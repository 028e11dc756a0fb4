import { messagePatterns } from './message-patterns.js';

/** Positions between two that the scan looks at; no pattern is shorter. */
export const STRIDE = 4;

/** No pattern of rank 0 is shorter, so that one character and the next in so many are enough to find it. */
export const TOPIC_LENGTH = 13;

/** Common letters first, as in English. */
const COMMON = ' etaoinsrhldcumfpgwybvkxjq';

/** Numbers for one pattern: four characters each. */
export const GROUPS = 8;

/** A pattern and one of its positions, as one number; positions are below 32. */
export const patternOf = (place: number): number => place >> 5;
export const offsetOf = (place: number): number => place & 31;

/** The low five bits of a letter are the same in both cases. */
export const letter = (code: number): number => code & 31;

/** All are filled by the first scan; as constants they cost no look-up of their own. */
export const lengths = /* @__PURE__ */ new Uint8Array(32);
/** `GROUPS` for each pattern: its characters by fours, the last four last, overlapping. */
export const packed = /* @__PURE__ */ new Int32Array(32 * GROUPS);

/** Lists of places, by the lowest rank first. List 0 is empty. */
export const lists: number[][] = [[]];
/** By two letters `STRIDE` apart: the list of what may stand there. */
export const atSamples = /* @__PURE__ */ new Uint8Array(1024);
/** By two letters in a row: the list of what a missing topic's patterns have there. */
export const atTopics = /* @__PURE__ */ new Uint8Array(1024);
/** By the first two letters of a message: the pattern that may be its head, if one of that rank can decide at once; plus 1. */
export const atHead = /* @__PURE__ */ new Uint8Array(1024);
/** For each list: a letter that all its places have in common, by distance and as a mask; -1 if they have none. */
export const probeAt = /* @__PURE__ */ new Int8Array(256);
export const probeMask = /* @__PURE__ */ new Int32Array(256).fill(-1);

const letterAt = (text: string, index: number): number => letter(text.charCodeAt(index));
const pair = (first: number, second: number): number => (first << 5) | second;

/** How often a letter comes, about: 0 to 1. */
function frequency(code: number): number {
  const place = COMMON.indexOf(String.fromCharCode(code === 0 ? 32 : code + 96));
  return place < 0 ? 0.002 : 0.17 / (1 + place / 2);
}

export function fillTables(): void {
  const samples = new Map<number, number[]>();
  const topics = new Map<number, number[]>();
  const add = (to: Map<number, number[]>, key: number, place: number): void => {
    to.set(key, [...(to.get(key) ?? []), place]);
  };
  messagePatterns.forEach(({ text, rank, anywhere }, index) => {
    lengths[index] = text.length;
    for (let group = 0; group * 4 < text.length; group++) {
      packed[index * GROUPS + group] = packFour(text, Math.min(group * 4, text.length - 4));
    }
    if (rank === 1 || !anywhere) atHead[pair(letterAt(text, 0), letterAt(text, 1))] ||= index + 1;
    for (let phase = 0; anywhere && phase < STRIDE; phase++) {
      const offset = rarestOffset(text, rank, phase);
      for (let before = 0; before < 32; before++) {
        if (offset >= STRIDE && before !== letterAt(text, offset - STRIDE)) continue;
        add(samples, pair(before, letterAt(text, offset)), index * 32 + offset);
      }
    }
    if (rank === 0) {
      for (let offset = 0; offset < TOPIC_LENGTH - 1; offset++) {
        add(topics, pair(letterAt(text, offset), letterAt(text, offset + 1)), index * 32 + offset);
      }
    }
  });
  fillLists(atSamples, samples);
  fillLists(atTopics, topics);
}

/** Of the positions `phase`, `phase + STRIDE`, … one of which the scan looks at: where most texts have something else. */
function rarestOffset(text: string, rank: number, phase: number): number {
  let rarest = phase;
  let least = Infinity;
  const end = rank === 0 ? TOPIC_LENGTH : text.length;
  for (let offset = phase; offset < end; offset += STRIDE) {
    const before = offset < STRIDE ? 1 : frequency(letterAt(text, offset - STRIDE));
    const chance = frequency(letterAt(text, offset)) * before;
    if (chance < least) {
      least = chance;
      rarest = offset;
    }
  }
  return rarest;
}

/** Equal lists become one. */
function fillLists(table: Uint8Array, found: ReadonlyMap<number, number[]>): void {
  for (const [key, places] of found) {
    places.sort((a, b) => a - b);
    let list = lists.findIndex((other) => other.join() === places.join());
    if (list < 0) {
      list = lists.push(places) - 1;
      chooseProbe(list, places);
    }
    table[key] = list;
  }
}

/** The rarest letters that tell, one or two characters away, whether any of the places can be right. */
function chooseProbe(list: number, places: readonly number[]): void {
  let least = 1;
  for (const distance of [-2, -1, 1, 2]) {
    const letters = places.map((place) => {
      const text = messagePatterns[patternOf(place)]?.text ?? '';
      return letterAt(text, offsetOf(place) + distance);
    });
    const isInside = places.every((place) => {
      const offset = offsetOf(place) + distance;
      return offset >= 0 && offset < (lengths[patternOf(place)] as number);
    });
    const chance = [...new Set(letters)].reduce((sum, code) => sum + frequency(code), 0);
    if (!isInside || chance >= least) continue;
    least = chance;
    probeAt[list] = distance;
    probeMask[list] = letters.reduce((mask, code) => mask | (1 << code), 0);
  }
}

/** Four characters as one number, letters in lower case. The same is done to a message in `scan-message.ts`. */
function packFour(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24) |
    0x20202020
  );
}
