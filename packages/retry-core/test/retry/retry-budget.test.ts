import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retry } from '../../src/retry/retry.js';
import { RetryBudget } from '../../src/retry/retry-budget.js';
import { fixed } from '../../src/strategies/fixed.js';
import { failing, rejection, VirtualTime } from './harness.js';

function drain(budget: RetryBudget, now: number): number {
  let count = 0;
  while (budget.withdraw(now)) count++;
  return count;
}

describe('RetryBudget', () => {
  it('starts full', () => {
    expect(drain(new RetryBudget({ capacity: 7 }), 0)).toBe(7);
  });

  it('allows a share of the operations', () => {
    const budget = new RetryBudget({ ratio: 0.1, minPerSecond: 0, capacity: 10 });
    drain(budget, 0);
    for (let i = 0; i < 9; i++) budget.deposit();
    expect(budget.withdraw(0)).toBe(false);
    budget.deposit();
    expect(drain(budget, 0)).toBe(1);
  });

  it('allows a minimum per second', () => {
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 4, capacity: 10 });
    drain(budget, 1_000);
    expect(drain(budget, 1_249)).toBe(0);
    expect(drain(budget, 1_250)).toBe(1);
    expect(drain(budget, 2_250)).toBe(4);
    expect(drain(budget, 999_999)).toBe(10);
  });

  it('tells how many retries could be made now', () => {
    const budget = new RetryBudget({ ratio: 0.25, minPerSecond: 2, capacity: 10 });
    expect(budget.available(0)).toBe(10);
    for (let i = 0; i < 10; i++) budget.withdraw(0);
    expect(budget.available(0)).toBe(0);
    budget.deposit();
    expect(budget.available(1_000)).toBe(2.25);
    expect(budget.available(60_000)).toBe(10);
  });

  it('refills nothing when the clock goes back or is no number', () => {
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 10, capacity: 10 });
    drain(budget, 1_000_000);
    expect(drain(budget, 0)).toBe(0);
    expect(drain(budget, NaN)).toBe(0);
    expect(drain(budget, 100)).toBe(0);
    expect(drain(budget, 200)).toBe(1);
  });

  it('never allows more than capacity + ratio * operations + minPerSecond * seconds', () => {
    const step = fc.record({ deposits: fc.nat(50), withdrawals: fc.nat(50), ms: fc.nat(2_000) });
    fc.assert(
      fc.property(
        fc.array(step),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(20),
        fc.integer({ min: 0, max: 10 }),
        (steps, capacity, minPerSecond, tenths) => {
          const budget = new RetryBudget({ capacity, minPerSecond, ratio: tenths / 10 });
          let now = 0;
          let [allowed, operations] = [0, 0];
          for (const { deposits, withdrawals, ms } of steps) {
            now += ms;
            for (let i = 0; i < deposits; i++) budget.deposit();
            for (let i = 0; i < withdrawals; i++) if (budget.withdraw(now)) allowed++;
            operations += deposits;
            expect(allowed).toBeLessThanOrEqual(
              capacity + (tenths * operations) / 10 + (minPerSecond * now) / 1_000,
            );
          }
        },
      ),
    );
  });

  it.each([
    { ratio: NaN },
    { ratio: -1 },
    { minPerSecond: NaN },
    { minPerSecond: Infinity },
    { capacity: 0 },
    { capacity: NaN },
  ])('refuses %o', (options) => {
    expect(() => new RetryBudget(options)).toThrow(Object.keys(options)[0] as string);
  });

  it('ends a run when it is spent, shared by many runs', async () => {
    const budget = new RetryBudget({ ratio: 0, minPerSecond: 0, capacity: 3 });
    const time = new VirtualTime();
    const error = new Error('connection refused');
    const operation = failing(...Array(9).fill(error));
    const options = { budget, sleep: time.sleep, now: time.now, strategy: fixed(1) };
    expect(await rejection(retry(operation, options))).toMatchObject({
      code: 'VELO_BUDGET_EXHAUSTED',
      attempts: 4,
      cause: error,
    });
    expect(await rejection(retry(operation, options))).toMatchObject({
      code: 'VELO_BUDGET_EXHAUSTED',
      attempts: 1,
    });
    expect(operation.contexts).toHaveLength(5);
  });
});
