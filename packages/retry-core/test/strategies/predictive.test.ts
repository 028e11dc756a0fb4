import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCategories } from '../../src/error-category.js';
import { exponential } from '../../src/strategies/exponential.js';
import { predictive } from '../../src/strategies/predictive.js';
import type { RetryOutcome, RetryStrategy } from '../../src/strategies/strategy.js';
import { withJitter } from '../../src/strategies/with-jitter.js';

const limits = { initial: '2s', max: '120s' } as const;

/** Retries through one fault. Gives back the calls wasted and how late its end was noticed, in milliseconds. */
function live(strategy: RetryStrategy, outage: number, category: RetryOutcome['category'] = 'NetworkIssue') {
  let waited = 0;
  let delay: number | undefined;
  for (let index = 0; ; index++) {
    strategy.observe?.({ category, waited, succeeded: false });
    delay = strategy.delay(index, delay);
    waited += delay;
    if (waited < outage) continue;
    strategy.observe?.({ category, waited, succeeded: true });
    return { calls: index, late: waited - outage };
  }
}

function learned(outage: number, faults = 10): RetryStrategy {
  const strategy = predictive(limits);
  for (let i = 0; i < faults; i++) live(strategy, outage);
  return strategy;
}

/** A seeded source of normally distributed numbers (Box-Muller over a Lehmer generator). */
function normal(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

describe('predictive', () => {
  it('is the exponential default with fewer than five faults', () => {
    const plain = exponential(limits);
    const strategy = predictive(limits);
    for (let fault = 0; fault < 5; fault++) {
      for (const index of [0, 1, 2, 20, NaN, Infinity])
        expect(strategy.delay(index)).toBe(plain.delay(index));
      live(strategy, 30_000);
    }
    expect(strategy.delay(0)).not.toBe(plain.delay(0));
  });

  it('learns a fault that always lasts 30 s: one attempt near its end', () => {
    const strategy = learned(30_000, 30);
    let [calls, late] = [0, 0];
    for (let i = 0; i < 100; i++) {
      const end = live(strategy, 30_000);
      calls += end.calls;
      late += end.late;
    }
    expect(calls / 100).toBeLessThan(2);
    expect(late / 100).toBeLessThan(3_000);
  });

  it('learns from successes alone', () => {
    const strategy = predictive(limits);
    for (let i = 0; i < 32; i++)
      strategy.observe?.({ category: 'NetworkIssue', waited: 10_000, succeeded: true });
    expect(strategy.delay(0)).toBeGreaterThan(8_000);
    expect(strategy.delay(0)).toBeLessThanOrEqual(10_000);
  });

  it('keeps categories apart', () => {
    const strategy = learned(60_000);
    const known = strategy.delay(0);
    expect(known).toBeGreaterThan(30_000);
    strategy.observe?.({ category: 'TopicMissing', waited: 0, succeeded: false });
    expect(strategy.delay(0)).toBe(2_000);
    strategy.observe?.({ category: 'NetworkIssue', waited: 0, succeeded: false });
    expect(strategy.delay(0)).toBe(known);
  });

  it('follows a trend', () => {
    const strategy = predictive(limits);
    for (let i = 0; i < 32; i++) live(strategy, 5_000 * 1.08 ** i);
    const { calls, late } = live(strategy, 5_000 * 1.08 ** 32);
    expect(calls).toBeLessThanOrEqual(2);
    expect(late).toBeLessThan(0.15 * 5_000 * 1.08 ** 32);
  });

  it('goes on like the exponential where a fault outlasts all that it knows', () => {
    const strategy = learned(4_000);
    const { calls, late } = live(strategy, 600_000);
    expect(calls).toBeLessThan(25);
    expect(late).toBeLessThanOrEqual(120_000);
  });

  it('forgets: 32 faults of another length are all it knows', () => {
    const strategy = learned(100_000, 32);
    for (let i = 0; i < 40; i++) live(strategy, 10_000);
    expect(live(strategy, 10_000).late).toBeLessThan(3_000);
  });

  it.each([
    { name: 'of 20 s, spread 0.5', outage: (z: number) => 20_000 * Math.exp(0.5 * z) },
    { name: 'of 20 s, spread 1', outage: (z: number) => 20_000 * Math.exp(z) },
    { name: 'of 2 minutes, spread 0.5', outage: (z: number) => 120_000 * Math.exp(0.5 * z) },
    { name: 'that last longer each time', outage: (_: number, i: number) => 5_000 + 300 * i },
  ])('notices the end of faults $name sooner and with fewer calls than the exponential', ({ outage }) => {
    const [plain, strategy] = [exponential(limits), predictive(limits)];
    const totals = [plain, strategy].map((strategy) => {
      const z = normal(7);
      let [calls, late] = [0, 0];
      for (let i = 0; i < 300; i++) {
        const end = live(strategy, outage(z(), i));
        calls += end.calls;
        late += end.late;
      }
      return { calls, late };
    });
    expect(totals[1]?.calls).toBeLessThan(0.8 * (totals[0]?.calls as number));
    expect(totals[1]?.late).toBeLessThan(totals[0]?.late as number);
  });

  it('stays whole and within [initial, max], never throws and repeats itself, whatever it observes', () => {
    const outcome = fc.record({
      category: fc.oneof(fc.constantFrom(...errorCategories), fc.constant('Weather' as 'Unknown')),
      waited: fc.oneof(
        fc.double(),
        fc.nat(200_000),
        fc.constantFrom(0, -1, NaN, Infinity, Number.MIN_VALUE, Number.MAX_VALUE),
      ),
      succeeded: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(outcome, { maxLength: 120 }),
        fc.nat(50),
        fc.nat(5_000),
        fc.nat(1e6),
        (outcomes, index, initial, more) => {
          const strategies = [0, 0].map(() => predictive({ initial, max: initial + more }));
          for (const each of outcomes) {
            const delays = strategies.map((strategy) => {
              strategy.observe?.(each);
              return strategy.delay(index);
            });
            expect(delays[0]).toBe(delays[1]);
            expect(Number.isInteger(delays[0])).toBe(true);
            expect(delays[0]).toBeGreaterThanOrEqual(initial);
            expect(delays[0]).toBeLessThanOrEqual(initial + more);
          }
        },
      ),
    );
  });

  it('learns through jitter', () => {
    const strategy = withJitter(predictive(limits), 'equal', () => 0.5);
    for (let i = 0; i < 10; i++) live(strategy, 60_000);
    expect(strategy.kind).toBe('predictive');
    expect(strategy.delay(0)).toBeGreaterThan(10_000);
  });

  it.each([
    { initial: 100, max: 99 },
    { initial: NaN, max: 100 },
    { initial: 1, max: Infinity },
  ])('refuses %o', (options) => {
    expect(() => predictive(options)).toThrow(/must be a duration/);
  });
});
