import type { KafkaHeader, KafkaRecord } from '@velo/kafkajs';
import { json } from '../terminal/json.js';

/** A record as one line of an export: nothing of it is lost. */
export interface ExportedRecord extends Omit<KafkaRecord, 'headers'> {
  /** In their order, with all of one name. */
  readonly headers: readonly KafkaHeader[];
}

/** Of the form of a line; another form gets another number. */
const VERSION = 1;

/** One line, without its end. Bytes are in base64, null stays null. */
export function lineOf(record: KafkaRecord): string {
  const { topic, partition, offset, timestamp, key, value, headers } = record;
  return json({
    version: VERSION,
    topic,
    partition,
    offset,
    timestamp,
    key: base64(key),
    value: base64(value),
    headers: [...headers].map(([name, bytes]) => [name, base64(bytes)]),
  });
}

/** @returns what is wrong with the line, where it is none of an export */
export function recordOf(line: string): ExportedRecord | { readonly fault: string } {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    return { fault: 'it is no JSON' };
  }
  if (typeof given !== 'object' || given === null) return { fault: 'it is no object' };
  const { version, topic, partition, offset, timestamp, key, value, headers } = given as Record<
    string,
    unknown
  >;
  if (version !== VERSION) return { fault: `its version is not ${VERSION}` };
  if (typeof topic !== 'string' || !/^[\w.-]{1,249}$/.test(topic))
    return { fault: 'topic is no name of one' };
  if (!isWhole(partition, 0, 2 ** 31 - 1)) return { fault: 'partition is no number of one' };
  if (typeof offset !== 'string' || !/^\d{1,19}$/.test(offset)) return { fault: 'offset is no decimal text' };
  if (!isWhole(timestamp, -1, Number.MAX_SAFE_INTEGER)) return { fault: 'timestamp is no number of ms' };
  const bytes = { key: bytesOf(key), value: bytesOf(value) };
  if (bytes.key === undefined) return { fault: 'key is neither base64 nor null' };
  if (bytes.value === undefined) return { fault: 'value is neither base64 nor null' };
  const list = headersOf(headers);
  if (list === undefined) return { fault: 'headers is no list of [name, base64 or null]' };
  return { topic, partition, offset, timestamp, key: bytes.key, value: bytes.value, headers: list };
}

const base64 = (bytes: Buffer | null): string | null => (bytes === null ? null : bytes.toString('base64'));

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function bytesOf(value: unknown): Buffer | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  // Node reads what it can, and is silent of the rest.
  return bytes.toString('base64') === value ? bytes : undefined;
}

function headersOf(value: unknown): KafkaHeader[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const headers: KafkaHeader[] = [];
  for (const each of value as unknown[]) {
    if (!Array.isArray(each) || each.length !== 2) return undefined;
    const [name, text] = each as unknown[];
    const bytes = bytesOf(text);
    if (typeof name !== 'string' || bytes === undefined) return undefined;
    headers.push([name, bytes]);
  }
  return headers;
}
