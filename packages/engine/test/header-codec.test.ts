import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientCapabilities, OutgoingHeader } from '../src/binding/binding.js';
import { bytesAsSent, decodeHeaders, encodeHeaders } from '../src/binding/header-codec.js';
import type { KafkaHeader } from '../src/binding/record.js';

const clients: ClientCapabilities[] = [
  { binaryHeaders: true, nullHeaders: false, gzip: true, offsetMetadata: true, transactions: undefined },
  { binaryHeaders: false, nullHeaders: false, gzip: true, offsetMetadata: false, transactions: undefined },
  { binaryHeaders: true, nullHeaders: true, gzip: true, offsetMetadata: true, transactions: undefined },
];
const anyHeaders = fc.array(
  fc.tuple(
    fc.string({ maxLength: 10 }).filter((name) => name !== 'velo-headers'),
    fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))),
  ),
);

/** What a client without binary headers does to a value: through a C string of UTF-8. */
const survives = (value: Buffer | null) =>
  value !== null && !value.includes(0) && Buffer.from(value.toString()).equals(value);

describe('headers that a client cannot carry', () => {
  it.each(clients)(
    'come back in their places through a client with $binaryHeaders, $nullHeaders',
    (capabilities) => {
      fc.assert(
        fc.property(anyHeaders, (headers) => {
          const encoded = encodeHeaders(headers, capabilities).map(
            ([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value] as KafkaHeader,
          );
          for (const [, value] of encoded) {
            if (!capabilities.nullHeaders) expect(value).not.toBeNull();
            if (!capabilities.binaryHeaders) expect(survives(value)).toBe(true);
          }
          expect(decodeHeaders(encoded)).toEqual(headers);
          const sizes = encodeHeaders(headers, capabilities).map(
            ([name, value]) => name.length + (value?.length ?? 0),
          );
          expect(bytesAsSent(headers, capabilities)).toBe(sizes.reduce((sum, size) => sum + size, 0));
        }),
      );
    },
  );

  it.each([
    ['bytes', (size: number) => Buffer.alloc(size, 0xff)],
    ['a NUL', (size: number) => Buffer.alloc(size)],
  ])('come back whatever their size, %s', (_, make) => {
    for (const size of [900_000, 1_048_576, 5_000_000]) {
      const headers: KafkaHeader[] = [
        ['before', Buffer.from('text')],
        ['large', make(size)],
        ['small', Buffer.from([0])],
        ['after', Buffer.from('text')],
      ];
      const encoded = encodeHeaders(headers, clients[1] as ClientCapabilities).map(
        ([name, value]) => [name, Buffer.from(value as string)] as const,
      );
      const decoded = decodeHeaders(encoded);
      expect(decoded.map(([name]) => name)).toEqual(headers.map(([name]) => name));
      expect(decoded.every(([, value], i) => value?.equals(headers[i]?.[1] as Buffer))).toBe(true);
    }
  });

  it('come back by a name that holds a NUL', () => {
    const headers: KafkaHeader[] = [['a\0b', Buffer.from('text')]];
    const encoded = encodeHeaders(headers, clients[1] as ClientCapabilities);
    expect(encoded.every(([name]) => !name.includes('\0'))).toBe(true);
    expect(decodeHeaders(encoded.map(([name, value]) => [name, Buffer.from(value as string)]))).toEqual(
      headers,
    );
  });

  it('headers that it can carry are left alone', () => {
    const headers: OutgoingHeader[] = [
      ['a', 'text'],
      ['b', Buffer.from('täxt')],
    ];
    expect(encodeHeaders(headers, clients[1] as ClientCapabilities)).toBe(headers);
  });

  it('a carrier that velo did not write is an ordinary header', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
          fc.json().map((text) => Buffer.from(text)),
        ),
        anyHeaders,
        (value, others) => {
          const headers: KafkaHeader[] = [...others, ['velo-headers', value]];
          expect(() => decodeHeaders(headers)).not.toThrow();
        },
      ),
    );
    for (const text of [
      '{',
      '{}',
      '[1]',
      '[[-1,"a",null]]',
      '[[0,1,null]]',
      '[[0,"a",5]]',
      '[[0.5,"a",null]]',
    ]) {
      const headers: KafkaHeader[] = [['velo-headers', Buffer.from(text)]];
      expect(decodeHeaders(headers)).toBe(headers);
    }
  });
});
