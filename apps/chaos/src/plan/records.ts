import { Random, seedFor } from '@velo/testkit/random';
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

/** What a record is called wherever it stands: its key is also that of others. */
export function nameOf(id: number): string {
  return `record-${id}`;
}

/** The number of a record by its value, also of one that is garbled. */
export function idOfValue(value: Buffer | string | null | undefined): number | undefined {
  const digits = /^\{"id":(\d+),/.exec(value?.toString() ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function nameOfValue(value: Buffer | string | null | undefined): string {
  const id = idOfValue(value);
  return id === undefined ? '' : nameOf(id);
}

const KEYS = 300;

/** Some keys are of many records, as in life: the most frequent one of 6 in 100, so that records wait for others of theirs. */
export function keyOf(id: number): string {
  const share = new Random(seedFor(0, `key ${id}`)).next();
  return `customer-${Math.floor(KEYS * share ** 2)}`;
}

/** @throws {SyntaxError} for one that is garbled */
export function messageOf(value: Buffer | null): Message {
  try {
    return JSON.parse(value?.toString() ?? '') as Message;
  } catch {
    throw new SyntaxError('garbled');
  }
}
