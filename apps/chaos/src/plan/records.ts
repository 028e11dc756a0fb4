import { type Fate, fateOf } from './fates.js';
import { ORDERS, PARCELS, RETURNS } from './topics.js';

/** What a record holds. */
export interface Message {
  readonly id: number;
  readonly fate: Fate;
}

/** Of ten records, seven are orders, two parcels, one a return. */
export function topicOf(id: number): string {
  const place = id % 10;
  if (place < 7) return ORDERS;
  return place < 9 ? PARCELS : RETURNS;
}

/** The text of a record; one that is garbled is cut, as by a producer that died. */
export function textOf(seed: number, id: number): string {
  const fate = fateOf(seed, id);
  const text = JSON.stringify({ id, fate, padding: '.'.repeat(id % 97) });
  return fate === 'garbled' ? text.slice(0, -1) : text;
}

/** Each record has a key of its own, so it can be told apart whatever its value. */
export function keyOf(id: number): string {
  return `record-${id}`;
}

export function idOfKey(key: Buffer | string | null | undefined): number | undefined {
  const digits = /^record-(\d+)$/.exec(key?.toString() ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** @throws {SyntaxError} for one that is garbled */
export function messageOf(value: Buffer | null): Message {
  try {
    return JSON.parse(value?.toString() ?? '') as Message;
  } catch {
    throw new SyntaxError('garbled');
  }
}
