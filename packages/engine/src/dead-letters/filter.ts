import {
  checkNames,
  type ErrorCategory,
  errorCategories,
  invalidOption,
  parseDuration,
} from '@velo/retry-core';
import type { KafkaHeaders } from '../binding/record.js';
import { sameBytes } from '../binding/same-bytes.js';
import type { DeadLetterReason } from '../failures/decide.js';
import { legalTopic, oneOf } from '../plan/check-option.js';
import type { Letter } from './letter.js';
import type { DeadLetterFilter, DeadLetterListFilter, Moment } from './types.js';

/** One dead letter, of any topic if none is named. */
export interface Place {
  readonly topic: string | undefined;
  readonly partition: number;
  readonly offset: number;
}

/** A filter that was checked. */
export interface LetterFilter {
  /** The only ones that are asked for; `undefined`: any. */
  readonly places: readonly Place[] | undefined;
  matches(letter: Letter): boolean;
}

type Condition = (letter: Letter) => boolean;

const NAMES = {
  reason: true,
  category: true,
  fingerprint: true,
  key: true,
  header: true,
  source: true,
  since: true,
  until: true,
  at: true,
} as const satisfies Record<keyof DeadLetterFilter, true>;

const LIST_NAMES = { ...NAMES, status: true } as const satisfies Record<keyof DeadLetterListFilter, true>;
/** What is listed where nothing is said. */
export const LISTED: NonNullable<DeadLetterListFilter['status']> = 'open';
const REASONS: readonly DeadLetterReason[] = ['permanent', 'exhausted', 'refused'];
const CATEGORIES: readonly ErrorCategory[] = errorCategories;
const PLACE = /^(?:([a-zA-Z0-9._-]{1,249}):)?(\d{1,9}):(\d{1,16})$/;

/**
 * @param wallTime of the call, ms since 1970
 * @throws {VeloError} `VELO_INVALID_OPTION`
 */
export function checkFilter(filter: DeadLetterFilter | undefined, wallTime: number): LetterFilter {
  checkNames(filter, NAMES, 'a filter of dead letters');
  return compile(filter ?? {}, wallTime);
}

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkListFilter(
  filter: DeadLetterListFilter | undefined,
  wallTime: number,
): LetterFilter & { readonly status: NonNullable<DeadLetterListFilter['status']> } {
  checkNames(filter, LIST_NAMES, 'a filter of dead letters');
  const { status = LISTED, ...rest } = filter ?? {};
  oneOf(status, ['open', 'replayed', 'discarded', 'all'], 'status');
  return { ...compile(rest, wallTime), status };
}

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkPlace(at: unknown): Place {
  const [, topic, partition, offset] = (typeof at === 'string' && PLACE.exec(at)) || [];
  if (partition === undefined || !Number.isSafeInteger(Number(offset)))
    throw invalidOption('at', at, "'partition:offset' or 'topic:partition:offset', such as '3:1042'");
  return { topic, partition: Number(partition), offset: Number(offset) };
}

function compile(filter: DeadLetterFilter, wallTime: number): LetterFilter {
  const { reason, category, fingerprint, key, header, source, since, until, at } = filter;
  const conditions: Condition[] = [];
  if (reason !== undefined) {
    oneOf(reason, REASONS, 'reason');
    conditions.push(({ info }) => info?.reason === reason);
  }
  if (category !== undefined) {
    oneOf(category, CATEGORIES, 'category');
    conditions.push((letter) => letter.category === category);
  }
  if (fingerprint !== undefined) {
    if (typeof fingerprint !== 'string' || fingerprint === '')
      throw invalidOption('fingerprint', fingerprint, 'the fingerprint of a dead letter');
    conditions.push((letter) => letter.fingerprint === fingerprint);
  }
  if (key !== undefined) {
    const wanted = bytesOf(key, 'key');
    conditions.push(({ record }) => sameBytes(record.key, wanted));
  }
  if (header !== undefined) conditions.push(headerCondition(header));
  if (source !== undefined) {
    legalTopic(source, 'source');
    conditions.push((letter) => letter.source === source);
  }
  const from = since === undefined ? undefined : momentOf(since, 'since', wallTime);
  const before = until === undefined ? undefined : momentOf(until, 'until', wallTime);
  if (from !== undefined && before !== undefined && from >= before)
    throw invalidOption('since', since, `before 'until', which is ${String(until)}: nothing lies between`);
  if (from !== undefined) conditions.push(({ timestamp }) => timestamp >= from);
  if (before !== undefined) conditions.push(({ timestamp }) => timestamp < before);
  const places = at === undefined ? undefined : placesOf(at);
  return { places, matches: (letter) => conditions.every((condition) => condition(letter)) };
}

function placesOf(at: string | readonly string[]): readonly Place[] {
  const given = Array.isArray(at) ? at : [at];
  if (given.length === 0) throw invalidOption('at', at, "at least one 'partition:offset'");
  return given.map(checkPlace);
}

function headerCondition(header: NonNullable<DeadLetterFilter['header']>): Condition {
  if (typeof header === 'string') {
    const [name, ...rest] = header.split('=');
    return headerCondition({ name: name ?? '', ...(rest.length > 0 && { value: rest.join('=') }) });
  }
  checkNames(header, { name: true, value: true }, "'header' of a filter of dead letters");
  const { name, value } = header;
  if (typeof name !== 'string' || name === '')
    throw invalidOption('header', header, "a header's name, 'name=value', or { name, value }");
  if (value === undefined) return ({ record }) => has(record.headers, name);
  const wanted = bytesOf(value, 'the value of header');
  return ({ record }) => record.headers.all(name).some((found) => sameBytes(found, wanted));
}

function has(headers: KafkaHeaders, name: string): boolean {
  return headers.get(name) !== undefined;
}

function bytesOf(value: unknown, option: string): Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return Buffer.from(value);
  throw invalidOption(option, value, 'a text, a Buffer, or null');
}

function momentOf(moment: Moment, option: string, wallTime: number): number {
  const time = timeOf(moment, wallTime);
  if (time !== undefined && Number.isFinite(time)) return time;
  throw invalidOption(
    option,
    moment,
    "a Date, ms since 1970, a time such as '2026-11-29T18:00:00Z', or a duration before now such as '24h'",
  );
}

function timeOf(moment: unknown, wallTime: number): number | undefined {
  if (typeof moment === 'number') return moment;
  // biome-ignore lint/style/noRestrictedGlobals: a moment that somebody else tells
  if (moment instanceof Date) return moment.getTime();
  if (typeof moment !== 'string') return undefined;
  if (/^\d+$/.test(moment)) return Number(moment);
  const ago = parseDuration(moment);
  // biome-ignore lint/style/noRestrictedGlobals: as above
  return ago === undefined ? Date.parse(moment) : wallTime - ago;
}
