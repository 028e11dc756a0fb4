import { Readable } from 'node:stream';
import { lazyHeaders } from '@velo/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerText } from '../src/letters/header-text.js';
import { linesOf } from '../src/letters/lines.js';
import { lineOf, recordOf } from '../src/letters/ndjson.js';
import { valueText } from '../src/letters/value-text.js';
import { filterOf } from '../src/letters/where.js';
import { ago } from '../src/terminal/ago.js';
import { json } from '../src/terminal/json.js';
import { HARMFUL } from './support.js';

/** Whatever is in here may stand in a record. */
const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));
const maybe = fc.option(bytes);
const names = fc.oneof(
  fc.constantFrom('a', 'b', 'velo-attempt', '__proto__'),
  fc.string({ unit: 'grapheme' }),
);

describe('an export', () => {
  it('holds a record byte for byte, in one line', () => {
    const records = fc.record({
      topic: fc.stringMatching(/^[\w.-]{1,40}$/),
      partition: fc.nat(),
      offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
      timestamp: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
      key: maybe,
      value: maybe,
      headers: fc.array(fc.tuple(names, maybe)),
    });
    fc.assert(
      fc.property(records, (record) => {
        const line = lineOf({ ...record, headers: lazyHeaders(() => record.headers, 0) });
        expect(line).not.toMatch(/\n/);
        expect(line).not.toMatch(HARMFUL);
        expect(recordOf(line)).toEqual(record);
      }),
    );
  });

  it('takes any other line for none, and says why', () => {
    const good = JSON.parse(
      lineOf({
        topic: 't',
        partition: 0,
        offset: '1',
        timestamp: 1,
        key: null,
        value: Buffer.from('v'),
        headers: lazyHeaders(() => [['a', null]], 0),
      }),
    );
    for (const [change, told] of [
      [{ version: 2 }, 'version'],
      [{ topic: 'a b' }, 'topic'],
      [{ partition: -1 }, 'partition'],
      [{ partition: 1.5 }, 'partition'],
      [{ offset: 1 }, 'offset'],
      [{ timestamp: 'now' }, 'timestamp'],
      [{ key: 'not base64!' }, 'key'],
      [{ value: undefined }, 'value'],
      [{ headers: { a: 1 } }, 'headers'],
      [{ headers: [['a']] }, 'headers'],
      [{ headers: [[1, null]] }, 'headers'],
    ] as const)
      expect(recordOf(JSON.stringify({ ...good, ...change }))).toEqual({
        fault: expect.stringContaining(told),
      });
    fc.assert(fc.property(fc.string(), (line) => 'fault' in recordOf(line)));
    fc.assert(fc.property(fc.json(), (line) => 'fault' in recordOf(line)));
  });

  it('is read line by line, however its stream is cut', async () => {
    const texts = fc.array(fc.stringMatching(/^[^\s]*[^\n]{0,20}$/u).map((text) => text.trim()));
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (lines, size) => {
        const all = Buffer.from(lines.join('\n'));
        const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
          all.subarray(at * size, (at + 1) * size),
        );
        const read: { number: number; line: string }[] = [];
        for await (const each of linesOf(Readable.from(chunks))) read.push(each);
        const wanted = lines.map((line, index) => ({ number: index + 1, line }));
        expect(read).toEqual(wanted.filter(({ line }) => line !== ''));
      }),
    );
  });
});

describe('--where', () => {
  it('is a filter of the engine', () => {
    const text = 'reason=permanent category=NetworkIssue key=a=b header=x=1 since=24h at=0:1 at=0:2';
    expect(filterOf(text.split(' '))).toEqual({
      reason: 'permanent',
      category: 'NetworkIssue',
      key: 'a=b',
      header: 'x=1',
      since: '24h',
      at: ['0:1', '0:2'],
    });
    expect(filterOf(['key-hex=00ff'])).toEqual({ key: Buffer.from([0, 255]) });
    expect(filterOf(['key='])).toEqual({ key: '' });
    expect(filterOf([])).toEqual({});
  });

  it.each([
    { conditions: ['categorie=x'], told: 'Did you mean category=' },
    { conditions: ['permanent'], told: 'Known are reason' },
    { conditions: ['reason=permanent', 'reason=refused'], told: '2 times' },
    { conditions: ['key-hex=0'], told: 'hexadecimal' },
  ])('says what is wrong with $conditions', ({ conditions, told }) => {
    expect(() => filterOf(conditions)).toThrow(told);
  });
});

describe('what is shown of a record', () => {
  it('is never harmful, whatever the record holds', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom('auto', 'text', 'json', 'hex'), fc.nat(80), (value, form, most) => {
        const { kind, lines } = valueText(value, form as 'auto', most);
        expect([kind, ...lines].join('\n')).not.toMatch(HARMFUL);
      }),
    );
    fc.assert(
      fc.property(fc.json().map(Buffer.from), (value) => {
        expect(valueText(value, 'auto', 1_000).lines.join('\n')).not.toMatch(HARMFUL);
      }),
    );
    fc.assert(
      fc.property(names, maybe, (name, value) => void expect(headerText(name, value)).not.toMatch(HARMFUL)),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(json(value)).not.toMatch(HARMFUL)));
  });

  it('is JSON with its numbers as they are, text, or bytes', () => {
    const lines = (text: string | Buffer, form: 'auto' | 'text' | 'hex' = 'auto') =>
      valueText(Buffer.from(text), form, 100).lines;
    expect(lines('{"id":12345678901234567890,"a":[],"b":[1,"}\\u001b"],"a":{}}')).toEqual([
      '{',
      '  "id": 12345678901234567890,',
      '  "a": [],',
      '  "b": [',
      '    1,',
      '    "}\\u001b"',
      '  ],',
      '  "a": {}',
      '}',
    ]);
    expect(lines('{"a":1}', 'text')).toEqual(['{"a":1}']);
    expect(lines('\u001b[31mred\r\nnext')).toEqual(['\\u{1b}[31mred\\u{d}', 'next']);
    expect(lines(Buffer.from([0xff, 0, 0x41]))).toEqual([
      '00000000  ff 00 41                                         ..A',
    ]);
    expect(valueText(null, 'auto', 10)).toEqual({ kind: 'null (a tombstone)', lines: [] });
    expect(valueText(Buffer.from('x'.repeat(20)), 'auto', 4).lines).toEqual([
      'xxxx',
      '… 16 bytes more: --max-bytes 20',
    ]);
  });

  it('keeps all of any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { lines } = valueText(Buffer.from(JSON.stringify([value])), 'auto', 1_000_000);
        expect(
          JSON.parse(
            lines
              .join('\n')
              .replace(/\\u\{([\da-f]+)\}/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16))),
          ),
        ).toEqual(JSON.parse(JSON.stringify([value])));
      }),
    );
  });

  it('reads the numbers of Spring Kafka', () => {
    expect(headerText('kafka_dlt-original-partition', Buffer.from([0, 0, 0, 7]))).toBe('7');
    expect(headerText('kafka_original-offset', Buffer.from([0, 0, 0, 0, 0, 0, 1, 0]))).toBe('256');
    expect(headerText('retry_topic-backoff-timestamp', Buffer.from([0x01, 0x9a, 0, 0, 0, 0]))).toBe(
      '1760936591360',
    );
    expect(headerText('other', Buffer.from([0, 0, 0, 7]))).toBe('\\u{0}\\u{0}\\u{0}\\u{7}');
    expect(headerText('other', null)).toBe('null');
  });
});

it.each([
  { ms: 0, text: '0s' },
  { ms: 59_999, text: '59s' },
  { ms: 3_661_000, text: '1h 1m' },
  { ms: 90_061_000, text: '1d 1h' },
  { ms: -5, text: '0s' },
])('tells of $ms ms ago as $text', ({ ms, text }) => {
  expect(ago(1_000_000_000, 1_000_000_000 + ms)).toBe(text);
});
