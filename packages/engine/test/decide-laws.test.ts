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
const limits = { maxAttempts: 3, strategy: fixed(100) };
const tiersOf = (...waits: number[]) => waits.map((wait, i) => ({ wait, tierNumber: i + 1 }));

describe('a wish at a bound', () => {
  it.each([
    { after: 4_999, decision: { action: 'retry-in-place', delay: 4_999 } },
    { after: 5_000, decision: { action: 'hand-off', tier: 1 } },
    { after: 5_001, decision: { action: 'hand-off', tier: 2 } },
    { after: 10_000, decision: { action: 'hand-off', tier: 2 } },
    { after: 10_001, decision: { action: 'hand-off', tier: 3 } },
    { after: 60_000, decision: { action: 'hand-off', tier: 3 } },
    { after: 60_001, decision: { action: 'hand-off', tier: 3, after: 60_001 } },
  ])('of $after ms: $decision', ({ after, decision }) => {
    const made = decide(failure(after), 1, tiersOf(5_000, 10_000, 60_000), limits);
    expect(made.action === 'hand-off' ? { ...made, tier: made.tier.tierNumber } : made).toEqual(decision);
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
      (waits, after, attempt, passed, permanent) => {
        const ahead = tiersOf(...waits).slice(passed);
        const decision = decide(failure(after, permanent), attempt, ahead, {
          maxAttempts: 3,
          strategy: fixed(4),
        });
        const left = ahead.map(({ wait }) => wait);
        if (permanent) expect(decision).toEqual({ action: 'exhausted', reason: 'permanent' });
        else if (decision.action === 'retry-in-place') {
          expect(attempt).toBeLessThan(3);
          expect(decision.delay).toBe(Math.max(after, 4));
          if (left[0] !== undefined) expect(after).toBeLessThan(left[0]);
        } else if (decision.action === 'hand-off') {
          const at = ahead.indexOf(decision.tier);
          expect(at).toBeGreaterThanOrEqual(0);
          for (const wait of left.slice(0, at)) expect(wait).toBeLessThan(after);
          if (left.some((wait) => wait >= after)) expect(decision.tier.wait).toBeGreaterThanOrEqual(after);
          else expect(at).toBe(ahead.length - 1);
        } else {
          expect(decision.reason).toBe('exhausted');
          expect(left).toEqual([]);
          expect(attempt).toBeGreaterThanOrEqual(3);
        }
      },
    ),
  );
});
