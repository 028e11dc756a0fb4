import { fixed } from '@velo/retry-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../src/failures/decide.js';
import type { Failure } from '../src/failures/failure.js';

const failure = (after: number, permanent = false): Failure => ({
  error: undefined,
  name: 'Error',
  message: '',
  stage: 'handler',
  category: 'Unknown',
  code: undefined,
  permanent,
  after,
});
const limits = { maxAttempts: 3, strategy: fixed(100), tiers: [5_000, 10_000, 60_000] };

describe('a wish at a bound', () => {
  it.each([
    { after: 4_999, decision: { action: 'retry-in-place', delay: 4_999 } },
    { after: 5_000, decision: { action: 'hand-off', tier: 1 } },
    { after: 5_001, decision: { action: 'hand-off', tier: 2 } },
    { after: 10_000, decision: { action: 'hand-off', tier: 2 } },
    { after: 10_001, decision: { action: 'hand-off', tier: 3 } },
    { after: 60_000, decision: { action: 'hand-off', tier: 3 } },
    { after: 60_001, decision: { action: 'hand-off', tier: 3 } },
  ])('of $after ms: $decision', ({ after, decision }) => {
    expect(decide(failure(after), 1, 0, limits)).toEqual(decision);
  });
});

it('whatever is wished: in place it waits long enough, and only where no tier would; a tier is the first that is long enough, never one that is behind', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 5 }),
      fc.nat(25),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(5),
      fc.boolean(),
      (tiers, after, attempt, nextTier, permanent) => {
        const decision = decide(failure(after, permanent), attempt, nextTier, {
          maxAttempts: 3,
          strategy: fixed(4),
          tiers,
        });
        const left = tiers.slice(nextTier);
        if (permanent) expect(decision).toEqual({ action: 'exhausted', reason: 'permanent' });
        else if (decision.action === 'retry-in-place') {
          expect(attempt).toBeLessThan(3);
          expect(decision.delay).toBe(Math.max(after, 4));
          if (left[0] !== undefined) expect(after).toBeLessThan(left[0]);
        } else if (decision.action === 'hand-off') {
          expect(decision.tier).toBeGreaterThan(nextTier);
          expect(decision.tier).toBeLessThanOrEqual(tiers.length);
          const passedOver = tiers.slice(nextTier, decision.tier - 1);
          for (const wait of passedOver) expect(wait).toBeLessThan(after);
          if (left.some((wait) => wait >= after))
            expect(tiers[decision.tier - 1]).toBeGreaterThanOrEqual(after);
          else expect(decision.tier).toBe(tiers.length);
        } else {
          expect(decision.reason).toBe('exhausted');
          expect(left).toEqual([]);
          expect(attempt).toBeGreaterThanOrEqual(3);
        }
      },
    ),
  );
});
