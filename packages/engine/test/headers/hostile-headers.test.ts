import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeHeaders } from '../../src/binding/header-codec.js';
import type { KafkaHeader } from '../../src/binding/record.js';
import { bigEndian, bigInteger, int32, int64 } from '../../src/headers/header-values.js';
import type { DeadLetterHeaders } from '../../src/headers/profile.js';
import { initialState, isOfAnotherGroup, readRetryState } from '../../src/headers/retry-state.js';
import { Consumers } from '../support/consumers.js';
import { copyOf, recordWith } from '../support/copies.js';

const tierProfiles = ['velo', 'spring'] as const;
const letterProfiles: readonly DeadLetterHeaders[] = ['velo', 'spring', 'connect', 'kip1191'];

/** All names that velo writes or reads. */
const names = [
  ...new Set(
    letterProfiles.flatMap((profile) =>
      [
        { reason: 'refused' } as const,
        ...(profile === 'velo' || profile === 'spring' ? [{ due: 1 }] : []),
      ].flatMap((of) => copyOf(recordWith(), { profile, stackTraces: true, ...of }).map(([name]) => name)),
    ),
  ),
  'velo-headers',
];

const bytes = fc.uint8Array({ maxLength: 12 }).map((value) => Buffer.from(value));
const hostileValue = fc.option(
  fc.oneof(
    bytes,
    fc
      .constantFrom('billing', 'orders', 'payments', '-1', '0', '9'.repeat(19), '1e9', String(2 ** 53))
      .map(Buffer.from),
    fc
      .constantFrom('7fffffffffffffff', '8000000000000000', '80000000', 'ff', '00')
      .map((s) => Buffer.from(s, 'hex')),
    // Carriers of headers, of headers in them.
    fc
      .array(fc.tuple(fc.integer(), fc.constantFrom(...names), fc.option(fc.base64String())), {
        maxLength: 5,
      })
      .map((packed) => Buffer.from(JSON.stringify(packed))),
    fc.json().map(Buffer.from),
  ),
);
const hostileHeaders = fc.array(fc.tuple(fc.constantFrom(...names), hostileValue), { maxLength: 20 });

describe('a record with hostile headers on the source topic', () => {
  let consumers: Consumers;
  beforeEach(() => {
    consumers = new Consumers();
  });
  afterEach(() => consumers.end());

  it('goes the configured way and no other: so many attempts, such waits, one dead letter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostileHeaders, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...tierProfiles),
        fc.constantFrom(...letterProfiles),
        fc.constantFrom('velo', 'spring-index', 'spring-delay'),
        async (records, tierHeaders, letterHeaders, naming) => {
          const { cluster, clock } = consumers;
          cluster.create('orders');
          for (const headers of records) cluster.produce('orders', 0, { headers });
          const seen: number[][] = [];
          const begun = clock.now();
          let last = begun;
          const { consumer } = consumers.start({
            retry: { inPlace: { maxAttempts: 2 }, tiers: ['1s', '5s'], headers: tierHeaders, naming },
            exhausted: { action: 'dead-letter', topic: 'letters', headers: letterHeaders },
            handler: (_, { tier, attempt, totalAttempts }) => {
              seen.push([tier, attempt, totalAttempts]);
              last = clock.now();
              throw new Error('down');
            },
          });
          await clock.advance(20_000);
          expect(consumer.health().state).toBe('running');
          const way = [
            [0, 1, 1],
            [0, 2, 2],
            [1, 1, 3],
            [1, 2, 4],
            [2, 1, 5],
            [2, 2, 6],
          ];
          const inOrder = (a: number[], b: number[]) => (a[2] as number) - (b[2] as number);
          expect(seen.sort(inOrder)).toEqual(way.flatMap((step) => records.map(() => step)));
          // 6 s in tiers, and each record waits 0.1 s in place, in three topics.
          expect(last - begun).toBeLessThanOrEqual(6_000 + records.length * 300);
          expect(cluster.log('letters')).toHaveLength(records.length);
          expect(cluster.committedOffset('orders')).toBe(records.length);
          await consumers.end();
          consumers = new Consumers();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('retry state of strangers', () => {
  const name = fc.stringMatching(/^[\w.-]{1,20}$/);

  it.each(tierProfiles)(
    '%s: of any other group or topic is not believed, however well it is formed',
    (profile) => {
      fc.assert(
        fc.property(
          fc.record({ group: name, topic: name, ours: name, source: name }),
          fc.record({ attempts: fc.nat(30_000), due: fc.maxSafeNat(), offset: fc.nat().map(String) }),
          hostileHeaders,
          ({ group, topic, ours, source }, state, noise) => {
            fc.pre(group !== ours || topic !== source);
            const before = recordWith(
              noise.filter(([header]) => !header.startsWith('velo-') && !/^kafka_|^retry_/.test(header)),
            );
            const copy = copyOf(before, {
              groupId: group,
              state: { ...state, topic },
              due: state.due,
              profile,
            });
            const record = recordWith(copy, `${source}-${ours}-retry-5s`);
            const reader = { groupId: ours, source, latest: Number.MAX_SAFE_INTEGER, maxAttempts: 1e6 };
            expect(readRetryState(record, reader)).toEqual(initialState(record));
            expect(isOfAnotherGroup(record, ours)).toBe(group !== ours);
          },
        ),
      );
    },
  );
});

describe('Java’s numbers', () => {
  /** `BigInteger.toByteArray`: the two's complement in as few bytes as hold the sign, by division. */
  function toByteArray(value: bigint): number[] {
    const digits: number[] = [];
    for (let rest = value; ; rest >>= 8n) {
      digits.unshift(Number(((rest % 256n) + 256n) % 256n));
      const sign = (digits[0] as number) > 127;
      if ((rest >= -128n && rest < 0n && sign) || (rest >= 0n && rest < 128n && !sign)) return digits;
    }
  }
  const int64s = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
  const around = fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.constantFrom(-1n, 0n, 1n), fc.constantFrom(1n, -1n))
    .map(([bits, off, sign]) => BigInt.asIntN(64, sign * (1n << BigInt(bits)) + off));

  it('are written in as many bytes as Java writes, and read back', () => {
    fc.assert(
      fc.property(fc.oneof(int64s, around), (value) => {
        expect([...bigInteger(value)]).toEqual(toByteArray(value));
        expect(bigEndian(bigInteger(value))).toBe(value);
        const long = Buffer.alloc(8);
        new DataView(long.buffer, long.byteOffset).setBigInt64(0, value);
        expect(int64(value)).toEqual(long);
        expect(bigEndian(long)).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
        expect([...int32(value)]).toEqual(bytes);
        expect(bigEndian(int32(value))).toBe(BigInt(value));
      }),
    );
  });

  it('are read from 1 to 8 bytes, and from no other length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 8 }), (given) => {
        const unsigned = given.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
        const negative = (given[0] as number) > 127;
        const expected = negative ? unsigned - 256n ** BigInt(given.length) : unsigned;
        expect(bigEndian(Buffer.from(given))).toBe(expected);
      }),
    );
    for (const length of [0, 9, 16, 100_000]) expect(bigEndian(Buffer.alloc(length, 1))).toBeUndefined();
    expect(bigEndian(null)).toBeUndefined();
    expect(bigEndian(undefined)).toBeUndefined();
  });
});

it('a carrier of 87,000 headers, all to the front, is taken apart in a moment', () => {
  const entry = [0, '', null] as const;
  const packed = Array.from({ length: 87_000 }, () => entry);
  const carrier: KafkaHeader = ['velo-headers', Buffer.from(JSON.stringify(packed))];
  const begun = performance.now();
  expect(decodeHeaders([['a', null], carrier])).toHaveLength(87_001);
  expect(performance.now() - begun).toBeLessThan(5_000);
});
