import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginning,
  bigEndian,
  bigInteger,
  decimal,
  int32,
  int64,
  offsetOf,
  partitionOf,
  text,
  timestampOf,
} from '../../src/headers/header-values.js';

const bytes = (value: string) => Buffer.from(value);

describe('ranges', () => {
  it.each([
    { value: -1n, partition: undefined, timestamp: -1, offset: undefined },
    { value: -2n, partition: undefined, timestamp: -2, offset: undefined },
    { value: -(2n ** 53n), partition: undefined, timestamp: undefined, offset: undefined },
    { value: 0n, partition: 0, timestamp: 0, offset: '0' },
    { value: 2n ** 31n - 1n, partition: 2 ** 31 - 1, timestamp: 2 ** 31 - 1, offset: '2147483647' },
    { value: 2n ** 31n, partition: undefined, timestamp: 2 ** 31, offset: '2147483648' },
    { value: 2n ** 53n - 1n, timestamp: Number.MAX_SAFE_INTEGER, offset: '9007199254740991' },
    { value: 2n ** 53n, timestamp: undefined, offset: '9007199254740992' },
    { value: 2n ** 63n - 1n, timestamp: undefined, offset: '9223372036854775807' },
    { value: 2n ** 63n, timestamp: undefined, offset: undefined },
    { value: undefined, partition: undefined, timestamp: undefined, offset: undefined },
  ])('$value as a partition, a timestamp, an offset', ({ value, partition, timestamp, offset }) => {
    expect(partitionOf(value)).toBe(partition);
    expect(timestampOf(value)).toBe(timestamp);
    expect(offsetOf(value)).toBe(offset);
  });
});

describe('decimal text', () => {
  it.each(['', ' 1', '1 ', '+1', '0x1', '1e3', '1.0', '--1', '1'.repeat(21)])('%o is no number', (given) => {
    expect(decimal(bytes(given))).toBeUndefined();
  });

  it('of 20 bytes is read, as the least int64 is', () => {
    expect(decimal(bytes('0042'))).toBe(42n);
    expect(decimal(bytes('-9223372036854775808'))).toBe(-(2n ** 63n));
  });
});

describe("Java's bytes", () => {
  it('are read as they were written, whatever the number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(bigEndian(int64(value))).toBe(value);
        expect(bigEndian(bigInteger(value))).toBe(value);
        const shorter = bigInteger(value).subarray(1);
        expect(bigEndian(shorter)).not.toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(bigEndian(int32(value))).toBe(BigInt(value));
      }),
    );
  });

  it.each([0, 9, 100])('of a length of %i are no number', (length) => {
    expect(bigEndian(Buffer.alloc(length))).toBeUndefined();
  });
});

describe('text', () => {
  it('that is longer than its limit is none; its beginning is what fits', () => {
    expect([text(bytes('abc'), 3), text(bytes('abcd'), 3)]).toEqual(['abc', undefined]);
    expect([beginning(bytes('abc'), 3), beginning(bytes('abcd'), 3)]).toEqual(['abc', 'abc']);
  });

  it.each([null, undefined])('%s is none', (value) => {
    expect([text(value, 3), beginning(value, 3), decimal(value), bigEndian(value)]).toEqual(
      Array(4).fill(undefined),
    );
  });
});
