import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculateRetryDelay } from '../../src/strategies/calculate-retry-delay.js';
import { exponential } from '../../src/strategies/exponential.js';
import { fixed } from '../../src/strategies/fixed.js';
import { linear } from '../../src/strategies/linear.js';
import type { RetryStrategy } from '../../src/strategies/strategy.js';
import { isVeloError } from '../../src/velo-error.js';

const indexes = fc.oneof(fc.nat(100), fc.maxSafeNat(), fc.constantFrom(31, 32, 33, Infinity));

function refuses(make: () => unknown): void {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(isVeloError(caught, 'VELO_INVALID_OPTION')).toBe(true);
}

/** Within [0, max], whole, and never falling. */
function expectLaws(strategy: RetryStrategy, max: number, index: number): void {
  const delay = strategy.delay(index);
  expect(Number.isInteger(delay)).toBe(true);
  expect(delay).toBeGreaterThanOrEqual(0);
  expect(delay).toBeLessThanOrEqual(max);
  expect(strategy.delay(index + 1)).toBeGreaterThanOrEqual(delay);
  expect(calculateRetryDelay(strategy, index)).toBe(delay);
}

describe('exponential', () => {
  it.each([
    { index: 0, delay: 100 },
    { index: 1, delay: 200 },
    { index: 2, delay: 400 },
    { index: 3, delay: 500 },
    { index: 1_000, delay: 500 },
    { index: Infinity, delay: 500 },
    { index: -1, delay: 100 },
    { index: NaN, delay: 100 },
    { index: 1.9, delay: 200 },
  ])('waits $delay ms at index $index', ({ index, delay }) => {
    expect(exponential({ initial: 100, multiplier: 2, max: 500 }).delay(index)).toBe(delay);
  });

  it('is right below a second and beyond 6 doublings, where the specification is not', () => {
    const strategy = exponential({ initial: '500ms', multiplier: 2, max: '1d' });
    expect([0, 1, 2, 7, 10, 17].map((index) => strategy.delay(index))).toEqual([
      500, 1e3, 2e3, 64e3, 512e3, 65_536e3,
    ]);
  });

  it('rounds to whole milliseconds', () => {
    const strategy = exponential({ initial: 1, multiplier: 1.5, max: 1_000 });
    expect([0, 1, 2, 3, 4].map((index) => strategy.delay(index))).toEqual([1, 2, 2, 3, 5]);
  });

  it('multiplies by 1.5 unless told otherwise', () => {
    expect(exponential({ initial: '2s', max: '120s' }).delay(1)).toBe(3_000);
  });

  it('waits 0 for ever where the first wait is 0', () => {
    expect(exponential({ initial: 0, multiplier: 10, max: 1_000 }).delay(5_000)).toBe(0);
  });

  it('equals the formula at every index, beyond the table as well', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.maxSafeNat(),
        indexes,
        (initial, multiplier, more, index) => {
          const max = Math.min(initial + more, Number.MAX_SAFE_INTEGER);
          const strategy = exponential({ initial, multiplier, max });
          expectLaws(strategy, max, index);
          const formula =
            initial === 0
              ? 0
              : Math.min(max, Math.round(initial * multiplier ** Math.min(index, Number.MAX_SAFE_INTEGER)));
          expect(strategy.delay(index)).toBe(formula);
        },
      ),
    );
  });

  it.each([
    { initial: NaN, max: 100 },
    { initial: -1, max: 100 },
    { initial: 100, max: 99 },
    { initial: 100, max: Infinity },
    { initial: 100, max: NaN },
    { initial: 100, max: 200, multiplier: 0.99 },
    { initial: 100, max: 200, multiplier: NaN },
    { initial: 100, max: 200, multiplier: Infinity },
    { initial: 'soon' as '1s', max: 200 },
  ])('refuses %o', (options) => {
    refuses(() => exponential(options));
  });
});

describe('linear', () => {
  it('adds the increment, up to max', () => {
    const strategy = linear({ initial: '1s', increment: '2s', max: '6s' });
    expect([0, 1, 2, 3, 1e9, Infinity].map((index) => strategy.delay(index))).toEqual([
      1e3, 3e3, 5e3, 6e3, 6e3, 6e3,
    ]);
  });

  it('adds the initial wait unless told otherwise', () => {
    expect(linear({ initial: 100, max: 1_000 }).delay(4)).toBe(500);
  });

  it('never grows with an increment of 0', () => {
    expect(linear({ initial: 100, increment: 0, max: 1_000 }).delay(Infinity)).toBe(100);
  });

  it('equals the formula at every index', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e9), indexes, (initial, increment, more, index) => {
        const max = initial + more;
        const strategy = linear({ initial, increment, max });
        expectLaws(strategy, max, index);
        expect(strategy.delay(index)).toBe(increment ? Math.min(max, initial + index * increment) : initial);
      }),
    );
  });

  it.each([
    { initial: 100, max: 99 },
    { initial: 100, increment: -1, max: 200 },
    { initial: 100, increment: NaN, max: 200 },
  ])('refuses %o', (options) => {
    refuses(() => linear(options));
  });
});

describe('fixed', () => {
  it.each([0, 31, 32, 1e9, Infinity, NaN, -5])('waits the same at index %d', (index) => {
    expect(fixed('5s').delay(index)).toBe(5_000);
  });

  it('holds waits longer than 2^31-1 ms', () => {
    expect(fixed('100d').delay(3)).toBe(8_640_000_000);
  });

  it.each([NaN, -1, Infinity, '' as '1s'])('refuses %s', (interval) => {
    refuses(() => fixed(interval));
  });
});

describe('calculateRetryDelay', () => {
  it.each([NaN, -1, undefined as unknown as number])('takes %s from a strategy of your own as 0', (delay) => {
    expect(calculateRetryDelay({ kind: 'own', delay: () => delay }, 0)).toBe(0);
  });
});
