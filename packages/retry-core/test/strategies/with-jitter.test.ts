import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential } from '../../src/strategies/exponential.js';
import type { RetryOutcome } from '../../src/strategies/strategy.js';
import { type JitterMode, withJitter } from '../../src/strategies/with-jitter.js';

const inner = exponential({ initial: 100, multiplier: 2, max: 10_000 });
/** Any number, good or bad, from a source of randomness. */
const randoms = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(NaN, -1, 1, 2, Infinity),
);
const indexes = fc.oneof(fc.nat(80), fc.constantFrom(-1, NaN, Infinity));

describe('withJitter', () => {
  it.each([
    { mode: 'full', random: 0, delay: 0 },
    { mode: 'full', random: 0.5, delay: 400 },
    { mode: 'full', random: 0.9999, delay: 799 },
    { mode: 'equal', random: 0, delay: 400 },
    { mode: 'equal', random: 0.5, delay: 600 },
    { mode: 'equal', random: 0.9999, delay: 799 },
    { mode: 'none', random: 0.5, delay: 800 },
  ] as const)('$mode jitter of 800 ms with random $random waits $delay ms', ({ mode, random, delay }) => {
    expect(withJitter(inner, mode, () => random).delay(3)).toBe(delay);
  });

  it.each([
    { previous: 100, random: 0.5, delay: 200 },
    { previous: 1_000, random: 0, delay: 100 },
    { previous: 1_000, random: 0.5, delay: 1_550 },
    { previous: 9_000, random: 0.9999, delay: 9_999 },
    { previous: NaN, random: 0.5, delay: 100 },
    { previous: 0, random: 0.5, delay: 100 },
    { previous: undefined, random: 0.5, delay: 650 },
  ])(
    'decorrelated jitter after $previous ms with random $random waits $delay ms',
    ({ previous, random, delay }) => {
      expect(withJitter(inner, 'decorrelated', () => random).delay(3, previous)).toBe(delay);
    },
  );

  it('stays within [0, d] in full mode, [d/2, d] in equal mode, whole, whatever the randomness', () => {
    fc.assert(
      fc.property(indexes, randoms, (index, random) => {
        const d = inner.delay(index);
        for (const [mode, low] of [
          ['full', 0],
          ['equal', d / 2],
        ] as const) {
          const delay = withJitter(inner, mode, () => random).delay(index);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(low);
          expect(delay).toBeLessThanOrEqual(d);
        }
      }),
    );
  });

  it('stays within the first and the longest delay in decorrelated mode, whatever came before', () => {
    fc.assert(
      fc.property(indexes, randoms, fc.option(fc.double(), { nil: undefined }), (index, random, previous) => {
        const delay = withJitter(inner, 'decorrelated', () => random).delay(index, previous);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(100);
        expect(delay).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  it('is repeatable with a seeded source', () => {
    const waits = (mode: JitterMode): number[] => {
      let seed = 1;
      const strategy = withJitter(inner, mode, () => {
        seed = (seed * 16_807) % 2_147_483_647;
        return seed / 2_147_483_647;
      });
      return Array.from({ length: 10 }, (_, index) => strategy.delay(index));
    };
    for (const mode of ['full', 'equal', 'decorrelated'] as const) expect(waits(mode)).toEqual(waits(mode));
  });

  it('keeps the kind, and passes on what is observed', () => {
    const seen: RetryOutcome[] = [];
    const own = { kind: 'own', delay: () => 5, observe: (outcome: RetryOutcome) => seen.push(outcome) };
    const jittered = withJitter(own, 'full');
    const outcome = { category: 'NetworkIssue', waited: 5, succeeded: true } as const;
    jittered.observe?.(outcome);
    expect(jittered.kind).toBe('own');
    expect(seen).toEqual([outcome]);
    expect(withJitter(inner, 'full').observe).toBeUndefined();
  });

  it('refuses an unknown mode', () => {
    expect(() => withJitter(inner, 'half' as JitterMode)).toThrow(/jitter is "half"/);
  });
});
