import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/failures/failure.js';
import { commonestError } from '../../src/flow/commonest-error.js';
import { Guard } from '../../src/flow/guard.js';
import { recordWith } from '../support/copies.js';

const failed = (message: string) => failureOf(new Error(message), recordWith([]), 'handler', undefined);

/** A record that is about to be given up, so many ms and so many successes after the one before. */
interface GivenUp {
  readonly time: number;
  readonly successes: number;
}

describe('a guard', () => {
  it('trips by the last dead letters, their time, and their share of all that ended since the first of them', () => {
    const givenUp: fc.Arbitrary<GivenUp> = fc.record({
      time: fc.integer({ min: 0, max: 4 }),
      successes: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(givenUp, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(0.25, 0.5, 0.75, 1),
        fc.integer({ min: 0, max: 12 }),
        (all, deadLetters, share, within) => {
          const guard = new Guard({ deadLetters, share, within });
          for (const [index] of all.entries()) {
            const sum = (key: keyof GivenUp, to: number) =>
              all.slice(0, to + 1).reduce((total, one) => total + one[key], 100);
            const at = sum('time', index);
            const succeeded = sum('successes', index);
            const first = index - deadLetters + 1;
            const time = at - sum('time', Math.max(0, first));
            const found = deadLetters / (deadLetters + succeeded - sum('successes', Math.max(0, first)));
            const isTripped = first >= 0 && time <= within && found >= share;
            const expected = isTripped ? { deadLetters, time, share: found } : undefined;
            const trip = guard.look(at, succeeded, failed('no luck'));
            if (expected === undefined) expect(trip).toBeUndefined();
            else expect(trip).toMatchObject(expected);
          }
        },
      ),
    );
  });

  it('counts anew after a reset, and says what most of them have in common', () => {
    const guard = new Guard({ deadLetters: 3, share: 0.5, within: 1_000 });
    guard.look(0, 0, failed('order 1 is bad'));
    guard.reset();
    expect(guard.look(1, 0, failed('no luck'))).toBeUndefined();
    expect(guard.look(2, 0, failed('order 22 is bad'))).toBeUndefined();
    expect(guard.look(3, 0, failed('order 333 is bad'))).toEqual({
      deadLetters: 3,
      time: 2,
      share: 1,
      commonest: 'Error: order 22 is bad (2 of 3)',
    });
  });
});

describe('what most errors have in common', () => {
  const error = (message: string, name = 'Error') => ({ name, message });

  it.each([
    { errors: [], expected: 'none' },
    { errors: [error('a')], expected: 'Error: a (1 of 1)' },
    {
      errors: [error('a'), error('b', 'TypeError'), error('b', 'TypeError')],
      expected: 'TypeError: b (2 of 3)',
    },
    { errors: [error('a'), error('a', 'TypeError'), error('a')], expected: 'Error: a (2 of 3)' },
    { errors: [error('x'), error('id 7'), error('id 19'), error('id 8')], expected: 'Error: id 7 (3 of 4)' },
    {
      errors: [error('y'.repeat(400)), error(`${'y'.repeat(300)}z`)],
      expected: `Error: ${'y'.repeat(300)} (2 of 2)`,
    },
  ])('is $expected', ({ errors, expected }) => {
    expect(commonestError(errors)).toBe(expected);
  });
});
