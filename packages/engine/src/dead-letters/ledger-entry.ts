import { foreignText, readProperty } from '@velo/retry-core';
import { topicNameFault } from '../binding/legal-topic-name.js';
import type { KafkaRecord } from '../binding/record.js';
import type { DeadLetterEvent } from './types.js';

/** What the ledger says of one dead letter. */
export interface LedgerEntry extends DeadLetterEvent {
  /** The timestamp of the dead letter, ms since 1970: one at the same offset of a topic that was made again has another. */
  readonly written: number;
  /** Of the topic of dead letters, where the brokers tell it. */
  readonly topicId?: string | undefined;
}

/** Where a dead letter stands in its topic. */
export interface LedgerPlace {
  readonly partition: number;
  readonly offset: number;
}

/** In UTF-16 units. */
export const MAX_NOTE = 500;
const MAX_ERROR = 500;
const MAX_RUN = 64;
const MAX_ID = 64;
/** Of an entry, in bytes: four times what velo writes. */
const MAX_VALUE = 16 * 1024;
const KEY = /^(\d{1,10}):(\d{1,16})$/;
const ACTIONS: readonly DeadLetterEvent['action'][] = ['replayed', 'discarded', 'refused'];

export function ledgerKey({
  partition,
  offset,
}: {
  readonly partition: number;
  readonly offset: string;
}): string {
  return `${partition}:${offset}`;
}

/** Never throws. */
export function readLedgerKey(key: Buffer | null): LedgerPlace | undefined {
  const [, partition, offset] = (key !== null && key.length <= 32 && KEY.exec(key.toString())) || [];
  if (partition === undefined) return undefined;
  const place = { partition: Number(partition), offset: Number(offset) };
  return Number.isSafeInteger(place.offset) ? place : undefined;
}

export function writeLedgerEntry({ note, error, ...entry }: LedgerEntry): string {
  return JSON.stringify({
    v: 1,
    ...entry,
    note: note?.slice(0, MAX_NOTE),
    error: error && foreignText(error, MAX_ERROR),
  });
}

/** Never throws; `undefined` for what velo has not written so. */
export function readLedgerEntry({ value }: Pick<KafkaRecord, 'value'>): LedgerEntry | undefined {
  if (value === null || value.length > MAX_VALUE) return undefined;
  let given: unknown;
  try {
    given = JSON.parse(value.toString());
  } catch {
    return undefined;
  }
  const read = (name: string) => readProperty(given, name);
  const action = ACTIONS.find((known) => known === read('action'));
  const at = timeOf(read('at'));
  const written = timeOf(read('written'));
  const run = textOf(read('run'), MAX_RUN);
  if (
    read('v') !== 1 ||
    action === undefined ||
    at === undefined ||
    written === undefined ||
    run === undefined
  )
    return undefined;
  return {
    action,
    at,
    run,
    written,
    topicId: textOf(read('topicId'), MAX_ID),
    to: placeOf(read('to')),
    note: textOf(read('note'), MAX_NOTE),
    error: textOf(read('error'), MAX_ERROR),
  };
}

function placeOf(given: unknown): DeadLetterEvent['to'] {
  const [topic, partition, offset] = ['topic', 'partition', 'offset'].map((name) =>
    readProperty(given, name),
  );
  if (typeof topic !== 'string' || topicNameFault(topic) !== undefined) return undefined;
  if (!Number.isInteger(partition) || (partition as number) < 0) return undefined;
  const known = typeof offset === 'string' && /^\d{1,19}$/.test(offset) ? offset : undefined;
  return { topic, partition: partition as number, offset: known };
}

function timeOf(given: unknown): number | undefined {
  return Number.isSafeInteger(given) ? (given as number) : undefined;
}

function textOf(given: unknown, limit: number): string | undefined {
  return typeof given === 'string' ? foreignText(given, limit) : undefined;
}
