import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KafkaHeader } from '../src/binding/record.js';
import { initialState, isOfAnotherGroup, readRetryState } from '../src/headers/retry-state.js';
import { copyOf, recordWith } from './support/copies.js';

const TIER = 'orders-billing-retry-5s';
const reader = { groupId: 'billing', source: 'orders', latest: Number.MAX_SAFE_INTEGER, maxAttempts: 1e6 };
const inTier = (headers: readonly KafkaHeader[]) => recordWith(headers, TIER);
const profiles = ['velo', 'spring'] as const;

describe.each(profiles)('retry state in the headers of %s', (profile) => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          attempts: fc.nat(profile === 'spring' ? 32_766 : 1e6),
          due: fc.maxSafeNat(),
          partition: fc.nat(2 ** 31 - 1),
          offset: fc.bigInt(0n, 2n ** 63n - 1n).map(String),
          timestamp: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
        }),
        (written) => {
          const state = { ...written, topic: 'orders' };
          const headers = copyOf(inTier([]), { state, due: state.due, profile, tierHeaders: profile });
          expect(readRetryState(inTier(headers), reader)).toEqual(state);
        },
      ),
    );
  });

  it('is bounded: due by the tier, attempts by the configuration', () => {
    const headers = copyOf(recordWith(), { state: { attempts: 30_000 }, due: 9e12, profile });
    expect(readRetryState(inTier(headers), { ...reader, latest: 1_000, maxAttempts: 6 })).toMatchObject({
      due: 1_000,
      attempts: 6,
    });
  });

  it.each([
    { what: 'another group', given: { groupId: 'other' } },
    { what: 'another topic', given: { state: { topic: 'payments', attempts: 9 } } },
  ])('of $what is not believed', ({ given }) => {
    const headers = copyOf(recordWith(), { state: { attempts: 9 }, due: 5, profile, ...given });
    expect(readRetryState(inTier(headers), reader)).toEqual(initialState(inTier(headers)));
  });

  it('tells another group’s copies; without a group, or with a broken one, it is ours', () => {
    const of = (groupId: string) => inTier(copyOf(recordWith(), { groupId, due: 5, profile }));
    expect(isOfAnotherGroup(of('other'), 'billing')).toBe(true);
    expect(isOfAnotherGroup(of('billing'), 'billing')).toBe(false);
    expect(isOfAnotherGroup(inTier([]), 'billing')).toBe(false);
    const name = profile === 'velo' ? 'velo-group' : 'kafka_dlt-original-consumer-group';
    for (const value of [null, Buffer.alloc(10_000, 'x')])
      expect(isOfAnotherGroup(inTier([[name, value]]), 'billing')).toBe(false);
    const long = 'g'.repeat(5_000);
    expect(isOfAnotherGroup(of(long), long)).toBe(false);
    expect(readRetryState(of(long), { ...reader, groupId: long }).due).toBe(5);
  });
});

describe('retry state', () => {
  it('of the last copy counts where the user’s record has other names, too', () => {
    const stale = copyOf(recordWith(), { state: { attempts: 9 }, due: 1, profile: 'spring' });
    const velo = copyOf(recordWith(stale), { state: { attempts: 2 }, due: 5 });
    expect(readRetryState(inTier(velo), reader)).toMatchObject({ attempts: 2, due: 5 });
    const spring = copyOf(recordWith(velo), {
      state: { attempts: 3 },
      due: 7,
      profile: 'spring',
      tierHeaders: 'spring',
    });
    expect(readRetryState(inTier(spring), reader)).toMatchObject({ attempts: 3, due: 7 });
  });

  it.each([
    { first: 'velo', last: 'spring' },
    { first: 'spring', last: 'velo' },
  ] as const)('of $last counts where it has written after $first', ({ first, last }) => {
    const before = copyOf(recordWith(), {
      state: { attempts: 1 },
      due: 10,
      profile: first,
      tierHeaders: first,
    });
    const after = copyOf(recordWith(), { state: { attempts: 7 }, due: 20, profile: last, tierHeaders: last });
    expect(readRetryState(inTier([...before, ...after]), reader)).toMatchObject({ attempts: 7, due: 20 });
    // Spring keeps the first original and adds only how often and when.
    const hop = after.filter(([name]) => last === 'velo' || name.startsWith('retry_topic-'));
    expect(readRetryState(inTier([...after, ...before, ...hop]), reader)).toMatchObject({
      attempts: 7,
      due: 20,
    });
  });

  it('whatever the headers hold, reading never throws and stays within its bounds', () => {
    const names = profiles.flatMap((profile) =>
      copyOf(recordWith(), { due: 1, profile, stackTraces: true }).map(([name]) => name),
    );
    const value = fc.option(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
        fc.anything().map((v) => Buffer.from(String(JSON.stringify(v)))),
        fc.double().map((n) => Buffer.from(String(n))),
        fc.bigInt().map((n) => Buffer.from(String(n))),
      ),
    );
    const ours: readonly KafkaHeader[] = [
      ['kafka_dlt-original-consumer-group', Buffer.from('billing')],
      ['kafka_original-topic', Buffer.from('orders')],
    ];
    const veloOurs: readonly KafkaHeader[] = [
      ['velo-group', Buffer.from('billing')],
      ['velo-original-topic', Buffer.from('orders')],
    ];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 30 }),
        fc.constantFrom([], ours, veloOurs),
        (hostile, end) => {
          const record = inTier([...hostile, ...end]);
          const state = readRetryState(record, { ...reader, latest: 1_000, maxAttempts: 12 });
          expect(state.attempts).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 12);
          expect(state.due).toSatisfy((n: number) => n >= 0 && n <= 1_000);
          expect(state.partition).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n < 2 ** 31);
          expect(state.offset).toMatch(/^\d{1,19}$/);
          expect(Number.isSafeInteger(state.timestamp)).toBe(true);
          // And what was read can be written.
          for (const profile of profiles) copyOf(record, { state, due: state.due, profile });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of a record whose timestamp is no number is that of one without', () => {
    expect(initialState({ ...recordWith(), timestamp: Number.NaN }).timestamp).toBe(-1);
  });
});
