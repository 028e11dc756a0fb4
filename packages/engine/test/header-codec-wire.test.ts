import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeaders, encodeHeaders } from '../src/binding/header-codec.js';
import type { KafkaHeader } from '../src/binding/record.js';

const PLAIN = {
  binaryHeaders: false,
  nullHeaders: false,
  gzip: true,
  offsetMetadata: true,
  transactions: undefined,
};
const carrier = (packed: unknown): KafkaHeader => ['velo-headers', Buffer.from(JSON.stringify(packed))];
const text = (name: string, value: string): KafkaHeader => [name, Buffer.from(value)];

describe('on the wire', () => {
  it('what the client can carry stays as it is; the rest is in velo-headers, with its place', () => {
    const encoded = encodeHeaders(
      [
        ['trace', 'abc'],
        ['none', null],
        ['bytes', Buffer.from([0xff])],
        ['nul', 'a\0b'],
        ['utf8', Buffer.from('ü')],
      ],
      PLAIN,
    );
    expect(encoded).toEqual([
      ['trace', 'abc'],
      ['utf8', Buffer.from('ü')],
      ['velo-headers', '[[1,"none",null],[2,"bytes","/w=="],[3,"nul","YQBi"]]'],
    ]);
  });

  it('a carrier is read wherever it stands, whatever the order of its entries', () => {
    const decoded = decodeHeaders([
      text('b', '1'),
      carrier([
        [3, 'd', 'AA=='],
        [0, 'a', null],
        [2, 'c', '/w=='],
      ]),
      text('e', '2'),
    ]);
    expect(decoded).toEqual([
      ['a', null],
      text('b', '1'),
      ['c', Buffer.from([0xff])],
      ['d', Buffer.from([0])],
      text('e', '2'),
    ]);
  });

  it('the order of the entries says nothing', () => {
    const entries = Array.from({ length: 6 }, (_, i) => [i * 2, `h${i}`, null]);
    const others = Array.from({ length: 6 }, (_, i) => text(`o${i}`, ''));
    const expected = decodeHeaders([...others, carrier(entries)]);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: 6 }), (shuffled) => {
        expect(decodeHeaders([...others, carrier(shuffled)])).toEqual(expected);
      }),
    );
  });

  it('a place behind the end is the end', () => {
    const decoded = decodeHeaders([
      text('a', '1'),
      carrier([
        [5, 'b', null],
        [1_000_000, 'c', null],
      ]),
    ]);
    expect(decoded).toEqual([text('a', '1'), ['b', null], ['c', null]]);
  });

  it('of two carriers the last is read', () => {
    const first = carrier([[0, 'x', null]]);
    expect(decodeHeaders([first, carrier([[0, 'a', null]])])).toEqual([['a', null], first]);
  });
});

describe('a carrier that velo has not written stays an ordinary header', () => {
  it.each([
    {
      what: 'one broken entry among others',
      packed: [
        [0, 'a', null],
        [1, 2, 3],
      ],
    },
    { what: 'an entry that is too long', packed: [[0, 'a', null, 'more']] },
    { what: 'an entry that is too short', packed: [[0, 'a']] },
    { what: 'a place that is none', packed: [[-1, 'a', null]] },
    { what: 'a place between two', packed: [[0.5, 'a', null]] },
    { what: 'a value that is no text', packed: [[0, 'a', 1]] },
    { what: 'no list', packed: { 0: 'a' } },
    { what: 'an entry that is no list', packed: ['abc'] },
  ])('$what', ({ packed }) => {
    const headers = [text('a', '1'), carrier(packed)];
    expect(decodeHeaders(headers)).toEqual(headers);
  });

  it('of the value null', () => {
    const headers: KafkaHeader[] = [['velo-headers', null]];
    expect(decodeHeaders(headers)).toBe(headers);
  });
});
