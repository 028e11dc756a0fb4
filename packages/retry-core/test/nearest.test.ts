import { describe, expect, it } from 'vitest';
import { checkNames } from '../src/check-names.js';
import { createRetrier, exponential, fixed, linear, predictive, RetryBudget } from '../src/index.js';
import { isNear, nearest } from '../src/nearest.js';
import { CircuitBreaker } from '../src/retry/circuit-breaker.js';

describe('nearest', () => {
  it.each([
    { name: 'retires', known: ['topics', 'retry', 'refused'], to: 'retry' },
    { name: 'inplace', known: ['tiers', 'inPlace', 'naming'], to: 'inPlace' },
    { name: 'deadletter', known: ['dead', 'deadLetter', 'handOff'], to: 'deadLetter' },
    { name: 'x', known: [], to: undefined },
    { name: 'y'.repeat(100_000), known: ['yes', 'y'.repeat(100)], to: 'y'.repeat(100) },
  ])('of $name.length letters finds $to', ({ name, known, to }) => {
    expect(nearest(name, known)).toBe(to);
  });

  it.each([
    ['topic.retry.intervall', 'topic.retry.interval', true],
    ['topic.wait.timout', 'topic.wait.timeout', true],
    ['Topic.Wait.Timeout', 'topic.wait.timeout', true],
    ['bootstrap.servers', 'topic.wait.timeout', false],
  ])('%s and %s: %s', (one, other, near) => {
    expect(isNear(one, other)).toBe(near);
    expect(isNear(other, one)).toBe(near);
  });
});

describe('names of options', () => {
  const known = { groupId: true, retry: { inPlace: { maxAttempts: true }, tiers: true } } as const;
  const check = (given: object) => () => checkNames(given, known, 'consumer()');

  it.each<[object, string, string]>([
    [{ retires: {} }, '"retires"', '"retry"'],
    [{ retry: { inplace: {} } }, '"retry.inplace"', '"retry.inPlace"'],
    [{ retry: { inPlace: { maxAttempt: 3 } } }, '"retry.inPlace.maxAttempt"', '"retry.inPlace.maxAttempts"'],
    [{ tiers: ['5s'] }, '"tiers"', '"retry.tiers"'],
    [{ maxattempts: 2 }, '"maxattempts"', '"retry.inPlace.maxAttempts"'],
    [{ toString: 1 }, '"toString"', 'Did you mean'],
    [JSON.parse('{ "__proto__": 1 }'), '"__proto__"', 'Did you mean'],
  ])('%j is refused, naming what was meant', (given, name, meant) => {
    expect(check(given)).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
    expect(check(given)).toThrow(name);
    expect(check(given)).toThrow(meant);
  });

  it('takes what is known, and what is undefined', () => {
    expect(check({ groupId: 'a', retires: undefined, retry: { inPlace: undefined } })).not.toThrow();
  });

  it.each([null, 'often', ['5s'], () => {}])(
    'refuses what is no object where names are known: nobody would read %s',
    (retry) => {
      expect(check({ retry })).toThrow(/^retry of .* takes an object/);
    },
  );

  it.each<[string, () => unknown]>([
    ['maxAttempts', () => createRetrier({ maxAttempt: 3 } as object)],
    ['multiplier', () => exponential({ initial: 1, max: 2, multiplyer: 3 } as never)],
    ['increment', () => linear({ initial: 1, max: 2, incremental: 3 } as never)],
    ['max', () => predictive({ initial: 1, max: 2, maximum: 3 } as never)],
    ['minPerSecond', () => new RetryBudget({ minPerSec: 3 } as object)],
    ['failures', () => new CircuitBreaker({ failure: 3 } as object)],
  ])('%s is named to whoever has missed it', (meant, make) => {
    expect(make).toThrow(`Did you mean "${meant}"?`);
    expect(() => fixed('1s')).not.toThrow();
  });
});
