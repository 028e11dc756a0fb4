import type { OutgoingHeader } from './binding.js';
import type { Failure } from './failure.js';
import type { KafkaRecord } from './record.js';

/** Where a record comes from and how often it was tried: what its copies carry in headers. */
export interface RetryState {
  /** Tries so far, in all topics. */
  readonly attempts: number;
  /** When the copy is to be handled, ms since 1970. */
  readonly due: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** ms since 1970; -1 if unknown. */
  readonly timestamp: number;
}

const PREFIX = 'velo-';
const VERSION = '1';
/** More tries than any configuration allows: what is above is broken. */
const MAX_ATTEMPTS = 1_000_000;
/** A number in a header is never longer: -9223372036854775808. */
const MAX_DIGITS = 20;
/** Limits in UTF-16 units; a copy grows by 4 KiB at the most, names included. */
const MAX_MESSAGE = 1_024;
const MAX_NAME = 256;

/** The state of a record that was never tried. */
export function initialState(record: KafkaRecord): RetryState {
  const { topic, partition, offset, timestamp } = record;
  return { attempts: 0, due: 0, topic, partition, offset, timestamp };
}

/**
 * What the headers of a tier's record say. Total: what is missing or broken counts as a first try that is due
 * now; `due` is never later than `latest`, so that no header can make a record wait longer than its tier does.
 * To be called for records of the group's own tiers only: state from elsewhere is not believed.
 */
export function readRetryState(record: KafkaRecord, groupId: string, latest: number): RetryState {
  const { headers } = record;
  if (text(headers.get('velo-group'), MAX_NAME * 4) !== groupId) return initialState(record);
  const initial = initialState(record);
  return {
    attempts: integer(headers.get('velo-attempt'), 0, MAX_ATTEMPTS) ?? 0,
    due: Math.min(integer(headers.get('velo-due'), 0, Number.MAX_SAFE_INTEGER) ?? 0, latest),
    topic: text(headers.get('velo-original-topic'), MAX_NAME) ?? initial.topic,
    partition: integer(headers.get('velo-original-partition'), 0, 0x7fffffff) ?? initial.partition,
    offset: digits(headers.get('velo-original-offset')) ?? initial.offset,
    timestamp:
      integer(headers.get('velo-original-timestamp'), -1, Number.MAX_SAFE_INTEGER) ?? initial.timestamp,
  };
}

/**
 * The headers of a copy: the record's own as they were, then velo's. `reason` stands on dead letters only, `due`
 * on tiers only.
 */
export function copyHeaders(
  record: KafkaRecord,
  state: RetryState,
  groupId: string,
  failure: Failure,
  fate: { readonly due: number } | { readonly reason: string },
): OutgoingHeader[] {
  const headers: OutgoingHeader[] = [];
  for (const header of record.headers) if (!header[0].startsWith(PREFIX)) headers.push(header);
  const add = (name: string, value: string | number | undefined) => {
    if (value !== undefined) headers.push([PREFIX + name, String(value)]);
  };
  add('version', VERSION);
  add('group', groupId);
  add('attempt', state.attempts);
  add('original-topic', state.topic);
  add('original-partition', state.partition);
  add('original-offset', state.offset);
  add('original-timestamp', state.timestamp);
  if ('due' in fate) add('due', fate.due);
  else add('reason', fate.reason);
  add('error-class', clean(failure.name, MAX_NAME));
  add('error-code', failure.code);
  add('error-category', failure.category);
  add('error-message', clean(failure.message, MAX_MESSAGE));
  return headers;
}

function text(value: Buffer | null | undefined, limit: number): string | undefined {
  return value && value.length <= limit ? value.toString() : undefined;
}

function digits(value: Buffer | null | undefined): string | undefined {
  const number = text(value, MAX_DIGITS);
  return number !== undefined && /^-?\d+$/.test(number) ? number : undefined;
}

function integer(value: Buffer | null | undefined, min: number, max: number): number | undefined {
  const number = Number(digits(value) ?? Number.NaN);
  return number >= min && number <= max ? number : undefined;
}

/** One line without control characters, cut at the limit. */
function clean(value: string, limit: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const line = value.slice(0, limit * 2).replace(/[\u0000-\u001f\u007f]+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
