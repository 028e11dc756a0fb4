import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lazyHeaders } from '../../src/binding/lazy-headers.js';
import type { KafkaRecord } from '../../src/binding/record.js';
import { readDeadLetter } from '../../src/headers/read-dead-letter.js';

/** What a reader must say; what is absent, nobody has written. */
interface Expected {
  readonly profile: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp?: number;
  readonly group: string;
  readonly attempts?: number;
  readonly reason?: string;
  readonly errorName?: string;
  readonly errorCause?: string;
  readonly messageBegins?: string;
}

interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | string;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, hex: string | null])[];
}

/** Records as Spring Kafka, a broker's share groups and Kafka Connect have written them, bytes in hex. */
interface Fixture {
  readonly what: string;
  readonly records?: readonly StoredRecord[];
  readonly expected?: Readonly<Record<string, Expected>>;
}

const FOLDER = new URL('../fixtures/', import.meta.url);
const fixtures = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Fixture) }));

const cases = fixtures.flatMap(({ name, records = [], expected = {} }) => {
  const stored = new Map(
    records.map((record) => [`${record.topic}-${record.partition}@${record.offset}`, record]),
  );
  return Object.entries(expected).map(([place, told]) => ({ name, place, told, record: stored.get(place) }));
});

function recordOf({ headers, offset, ...rest }: StoredRecord): KafkaRecord {
  const bytes = (hex: string | null) => (hex === null ? null : Buffer.from(hex, 'hex'));
  const pairs = headers.map(([name, value]) => [name, bytes(value)] as const);
  return {
    ...rest,
    offset: String(offset),
    key: bytes(rest.key),
    value: bytes(rest.value),
    headers: lazyHeaders(() => pairs, 0),
  };
}

describe('what real systems have written', () => {
  it('is there', () => {
    expect(cases.length).toBeGreaterThan(30);
  });

  it.each(cases)('$name: $place says where it comes from, and why', ({ record, told }) => {
    const { errorName, errorCause, messageBegins, ...facts } = told;
    const info = readDeadLetter(recordOf(record as StoredRecord));
    expect(info).toMatchObject(facts);
    expect(info?.timestamp).toBe(told.timestamp);
    expect(info?.attempts).toBe(told.attempts);
    expect(info?.reason).toBe(told.reason);
    expect(info?.error.name).toBe(errorName);
    if (errorCause !== undefined) expect(info?.error.cause).toBe(errorCause);
    expect(info?.error.message?.startsWith(messageBegins ?? '')).toBe(true);
  });
});
