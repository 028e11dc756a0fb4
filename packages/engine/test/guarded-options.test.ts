import type { RetryStrategy } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { guardedClassify, guardedStrategy } from '../src/plan/guarded-options.js';
import { recordAt } from './support/lane-in-test.js';

function complaints() {
  const told: string[] = [];
  return { told, complain: (message: string) => void told.push(message) };
}

describe('a guarded strategy', () => {
  const strategy = (delay: () => unknown) => ({ kind: 'mine', delay }) as RetryStrategy;

  it.each([0, 0.5, 250, 1e12])('waits as it says: %d ms', (delay) => {
    const { told, complain } = complaints();
    const guarded = guardedStrategy(
      strategy(() => delay),
      'strategy',
      complain,
    );
    expect(guarded.delay(3, 100)).toBe(delay);
    expect(guarded.kind).toBe('mine');
    expect(told).toEqual([]);
  });

  it('is told the retry and the delay before', () => {
    const asked: unknown[][] = [];
    const delay = (...args: unknown[]) => asked.push(args);
    guardedStrategy(strategy(delay as never), 'strategy', () => {}).delay(3, 100);
    expect(asked).toEqual([[3, 100]]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5', null, undefined, 5n])(
    'has the default waits where it answers %s, and that is told once',
    (answer) => {
      const { told, complain } = complaints();
      const guarded = guardedStrategy(
        strategy(() => answer),
        'strategy',
        complain,
      );
      expect([0, 1, 5, 6, 99].map((index) => guarded.delay(index, 0))).toEqual([
        100, 200, 3_200, 5_000, 5_000,
      ]);
      expect(told).toEqual([
        expect.stringMatching(
          /^strategy must answer with milliseconds.*nothing is lost.*This is told once\.$/,
        ),
      ]);
    },
  );

  it('has the default waits where it throws', () => {
    const { told, complain } = complaints();
    const guarded = guardedStrategy(
      strategy(() => {
        throw new Error('oops');
      }),
      'strategy',
      complain,
    );
    expect([guarded.delay(0, 0), guarded.delay(1, 0)]).toEqual([100, 200]);
    expect(told).toEqual([expect.stringMatching(/^strategy has thrown: oops/)]);
  });

  it('learns what comes of attempts, if it wants to; where it fails at that, nothing else does', () => {
    const { told, complain } = complaints();
    const seen: unknown[] = [];
    const outcome = { success: true } as never;
    const learning = { ...strategy(() => 1), observe: (one: unknown) => void seen.push(one) };
    guardedStrategy(learning as never, 'strategy', complain).observe?.(outcome);
    guardedStrategy(
      strategy(() => 1),
      'strategy',
      complain,
    ).observe?.(outcome);
    expect([seen, told]).toEqual([[outcome], []]);
    const failing = {
      ...strategy(() => 1),
      observe() {
        throw new Error('oops');
      },
    };
    guardedStrategy(failing as never, 'strategy', complain).observe?.(outcome);
    expect(told).toEqual([expect.stringMatching(/^strategy could not observe: oops/)]);
  });

  it.each([undefined, null, {}, { delay: 5 }])('is refused where it is none: %s', (wrong) => {
    expect(() => guardedStrategy(wrong as never, 'strategy', () => {})).toThrow(
      expect.objectContaining({ code: 'VELO_INVALID_OPTION' }),
    );
  });
});

describe('a guarded classify', () => {
  const record = recordAt(0);

  it.each(['retry', 'dead-letter', undefined, null])('has said %s, and nobody complains', (answer) => {
    const { told, complain } = complaints();
    const seen: unknown[] = [];
    const classify = (...args: unknown[]) => {
      seen.push(args);
      return answer as never;
    };
    expect(guardedClassify(classify, complain)('error', record)).toBe(answer ?? undefined);
    expect([seen, told]).toEqual([[['error', record]], []]);
  });

  it.each(['later', 5, {}])('lets velo decide where it answers %s, and that is told once', (answer) => {
    const { told, complain } = complaints();
    const guarded = guardedClassify(() => answer as never, complain);
    expect([guarded('error', record), guarded('error', record)]).toEqual([undefined, undefined]);
    expect(told).toEqual([expect.stringMatching(/^retry\.classify must answer.*This is told once\.$/)]);
  });

  it.each(['retry', null, {}])('is refused where it is no function: %s', (wrong) => {
    expect(() => guardedClassify(wrong as never, () => {})).toThrow(
      expect.objectContaining({
        code: 'VELO_INVALID_OPTION',
        message: expect.stringContaining('retry.classify'),
      }),
    );
  });

  it('lets velo decide where it throws', () => {
    const { told, complain } = complaints();
    const guarded = guardedClassify(() => {
      throw new Error('oops');
    }, complain);
    expect(guarded('error', record)).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(/^retry\.classify has thrown: oops/)]);
  });
});
