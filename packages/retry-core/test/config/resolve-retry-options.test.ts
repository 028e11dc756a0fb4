import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveRetryOptions } from '../../src/config/resolve-retry-options.js';
import { retryDefaults } from '../../src/config/retry-defaults.js';
import type { RetryOverrides } from '../../src/config/settings.js';
import { fixed } from '../../src/strategies/fixed.js';
import { isVeloError } from '../../src/velo-error.js';

const DEFAULTS = {
  strategy: 'exponential',
  interval: 2_000,
  multiplier: 1.5,
  maxDelay: 120_000,
  partitions: 6,
  replicationFactor: 3,
};

describe('retryDefaults', () => {
  it("are the specification's where the environment says nothing", () => {
    expect(retryDefaults({})).toEqual(DEFAULTS);
  });

  it('read the process environment unless given one', () => {
    expect(retryDefaults()).toEqual(retryDefaults(process.env));
  });

  it('take every variable', () => {
    const env = {
      VELOSTREAM_RETRY_STRATEGY: 'linear',
      VELOSTREAM_RETRY_INTERVAL_SECS: '1.5',
      VELOSTREAM_RETRY_MULTIPLIER: '2',
      VELOSTREAM_RETRY_MAX_DELAY_SECS: '60',
      VELOSTREAM_DEFAULT_PARTITIONS: '12',
      VELOSTREAM_DEFAULT_REPLICATION_FACTOR: '1',
    };
    expect(retryDefaults(env)).toEqual({
      strategy: 'linear',
      interval: 1_500,
      multiplier: 2,
      maxDelay: 60_000,
      partitions: 12,
      replicationFactor: 1,
    });
  });

  it.each(['exp', 'EXP', ' Exponential '])('know the strategy "%s"', (VELOSTREAM_RETRY_STRATEGY) => {
    expect(retryDefaults({ VELOSTREAM_RETRY_STRATEGY: VELOSTREAM_RETRY_STRATEGY }).strategy).toBe(
      'exponential',
    );
  });
});

describe('resolveRetryOptions', () => {
  it('gives the defaults where nothing is said', () => {
    const { strategy, ...rest } = resolveRetryOptions({ env: {} });
    expect(rest).toEqual({ waitTimeout: 0, partitions: 6, replicationFactor: 3, warnings: [] });
    expect(strategy.kind).toBe('exponential');
    expect([0, 1, 2, 100].map((index) => strategy.delay(index))).toEqual([2_000, 3_000, 4_500, 120_000]);
  });

  it('reads the properties', () => {
    const properties = {
      'topic.wait.timeout': '5m',
      'topic.retry.strategy': 'linear',
      'topic.retry.interval': '500ms',
      'topic.retry.increment': '250ms',
      'topic.retry.max.delay': '1s',
    };
    const { strategy, waitTimeout } = resolveRetryOptions({ env: {}, properties });
    expect(waitTimeout).toBe(300_000);
    expect([0, 1, 2, 3].map((index) => strategy.delay(index))).toEqual([500, 750, 1_000, 1_000]);
  });

  it('adds the interval where a linear strategy has no increment', () => {
    const properties = { 'topic.retry.strategy': 'linear', 'topic.retry.interval': '3s' };
    expect(resolveRetryOptions({ env: {}, properties }).strategy.delay(2)).toBe(9_000);
  });

  it('prefers code to properties, properties to environment, environment to defaults', () => {
    const env = {
      VELOSTREAM_RETRY_INTERVAL_SECS: '3',
      VELOSTREAM_RETRY_MULTIPLIER: '3',
      VELOSTREAM_DEFAULT_PARTITIONS: '9',
    };
    const properties = { 'topic.retry.interval': '4s', 'topic.retry.multiplier': '4' };
    const { strategy, partitions, replicationFactor } = resolveRetryOptions({
      env,
      properties,
      overrides: { interval: '5s' },
    });
    expect([0, 1].map((index) => strategy.delay(index))).toEqual([5_000, 20_000]);
    expect({ partitions, replicationFactor }).toEqual({ partitions: 9, replicationFactor: 3 });
  });

  it('takes a strategy given in code as it is', () => {
    const strategy = fixed(7);
    expect(resolveRetryOptions({ env: {}, overrides: { strategy } }).strategy).toBe(strategy);
  });

  it.each([
    { name: 'VELOSTREAM_RETRY_STRATEGY', value: 'fibonacci', used: 'exponential' },
    { name: 'VELOSTREAM_RETRY_STRATEGY', value: 'constructor', used: 'exponential' },
    { name: 'VELOSTREAM_RETRY_INTERVAL_SECS', value: 'soon', used: '2s' },
    { name: 'VELOSTREAM_RETRY_INTERVAL_SECS', value: '-1', used: '2s' },
    { name: 'VELOSTREAM_RETRY_INTERVAL_SECS', value: '', used: '2s' },
    { name: 'VELOSTREAM_RETRY_INTERVAL_SECS', value: '5s', used: '2s' },
    { name: 'VELOSTREAM_RETRY_INTERVAL_SECS', value: '1e400', used: '2s' },
    { name: 'VELOSTREAM_RETRY_MULTIPLIER', value: '0.5', used: '1.5' },
    { name: 'VELOSTREAM_RETRY_MULTIPLIER', value: 'NaN', used: '1.5' },
    { name: 'VELOSTREAM_RETRY_MULTIPLIER', value: '9'.repeat(400), used: '1.5' },
    { name: 'VELOSTREAM_RETRY_MAX_DELAY_SECS', value: '1', used: '2m' },
    { name: 'VELOSTREAM_DEFAULT_PARTITIONS', value: '0', used: '6' },
    { name: 'VELOSTREAM_DEFAULT_PARTITIONS', value: '2.5', used: '6' },
    { name: 'VELOSTREAM_DEFAULT_REPLICATION_FACTOR', value: '32768', used: '3' },
    { name: 'topic.wait.timeout', value: 'forever', used: '0ms' },
    { name: 'topic.retry.strategy', value: '', used: 'exponential' },
    { name: 'topic.retry.interval', value: '-5s', used: '2s' },
    { name: 'topic.retry.multiplier', value: 'Infinity', used: '1.5' },
    { name: 'topic.retry.max.delay', value: '1999ms', used: '2m' },
    { name: 'topic.retry.increment', value: 'x', used: '2s' },
  ])('passes over $name = "$value" with a warning, and uses $used', ({ name, value, used }) => {
    const source = name.startsWith('topic.')
      ? { env: {}, properties: { [name]: value } }
      : { env: { [name]: value } };
    const { strategy, warnings } = resolveRetryOptions(source);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(name);
    expect(warnings[0]).toContain(value.slice(0, 80));
    expect(warnings[0]).toContain(`; ${used} is used instead`);
    expect(strategy.delay(1)).toBe(3_000);
  });

  it('falls back to the next source, not past it', () => {
    const { strategy, warnings } = resolveRetryOptions({
      env: { VELOSTREAM_RETRY_INTERVAL_SECS: '7' },
      properties: { 'topic.retry.interval': 'x' },
    });
    expect(strategy.delay(0)).toBe(7_000);
    expect(warnings).toEqual([
      'topic.retry.interval is "x", but must be a duration such as 30s; 7s is used instead',
    ]);
  });

  it('raises the default longest wait to a longer interval without a word', () => {
    const { strategy, warnings } = resolveRetryOptions({
      env: {},
      properties: { 'topic.retry.interval': '5m' },
    });
    expect(warnings).toEqual([]);
    expect(strategy.delay(9)).toBe(300_000);
  });

  it('lists every bad value at once in strict mode', () => {
    const options = {
      strict: true,
      env: { VELOSTREAM_DEFAULT_PARTITIONS: 'many', VELOSTREAM_RETRY_MULTIPLIER: '1.5' },
      properties: { 'topic.retry.interval': 'x', 'topic.retry.strategy': 'y' },
      overrides: { waitTimeout: NaN },
    };
    let caught: unknown;
    try {
      resolveRetryOptions(options);
    } catch (error) {
      caught = error;
    }
    expect(isVeloError(caught, 'VELO_INVALID_OPTION')).toBe(true);
    const { message } = caught as Error;
    for (const text of [
      'VELOSTREAM_DEFAULT_PARTITIONS',
      'topic.retry.interval',
      'topic.retry.strategy',
      'waitTimeout is NaN',
    ]) {
      expect(message).toContain(text);
    }
    expect(message).not.toContain('MULTIPLIER');
    expect(resolveRetryOptions({ strict: true, env: {} }).warnings).toEqual([]);
  });

  it('has an answer to any text and any option, and the strategy keeps its laws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('0', '1', '3s', '1h', 'fixed', 'linear', '-1', 'NaN', '__proto__'),
    );
    const key = fc.constantFrom(
      'VELOSTREAM_RETRY_STRATEGY',
      'VELOSTREAM_RETRY_INTERVAL_SECS',
      'VELOSTREAM_RETRY_MULTIPLIER',
      'VELOSTREAM_RETRY_MAX_DELAY_SECS',
      'VELOSTREAM_DEFAULT_PARTITIONS',
      'topic.wait.timeout',
      'topic.retry.strategy',
      'topic.retry.interval',
      'topic.retry.multiplier',
      'topic.retry.max.delay',
      'topic.retry.increment',
    );
    const map = fc.dictionary(key, text);
    const anything = fc.dictionary(
      fc.constantFrom('strategy', 'interval', 'multiplier', 'maxDelay', 'partitions'),
      fc.anything(),
    );
    fc.assert(
      fc.property(map, map, anything, (env, properties, overrides) => {
        const own = { ...overrides };
        if (typeof (own.strategy as { delay?: unknown } | null)?.delay === 'function') delete own.strategy;
        const { strategy, partitions, waitTimeout } = resolveRetryOptions({
          env,
          properties,
          overrides: own as RetryOverrides,
        });
        expect(strategy.delay(0)).toBeGreaterThanOrEqual(0);
        expect(strategy.delay(9)).toBeGreaterThanOrEqual(strategy.delay(0));
        expect(Number.isInteger(partitions)).toBe(true);
        expect(waitTimeout).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  describe('of names that nobody reads', () => {
    const properties = { 'topic.retry.intervall': '1s', 'bootstrap.servers': 'a:1', 'topic.name': 'orders' };
    const env = { VELOSTREAM_RETRY_INTERVAL: '1', VELOSTREAM_SQL_PORT: '1', HOME: '/' };

    it('warn of those that are meant for velo, and name the nearest', () => {
      const { warnings } = resolveRetryOptions({ env, properties, overrides: { intervall: 1 } as never });
      expect(warnings).toEqual([
        expect.stringMatching(/no option "intervall": did you mean "interval"\?.*it changes nothing$/),
        expect.stringContaining('no property "topic.retry.intervall": did you mean "topic.retry.interval"?'),
        expect.stringContaining(
          'no variable "VELOSTREAM_RETRY_INTERVAL": did you mean "VELOSTREAM_RETRY_INTERVAL_SECS"?',
        ),
      ]);
    });

    it.each([{ properties }, { env }])('refuse %j where they are to be strict', (given) => {
      expect(() => resolveRetryOptions({ env: {}, ...given, strict: true })).toThrow(
        expect.objectContaining({ code: 'VELO_INVALID_OPTION' }),
      );
    });

    it('are wrong in the call itself, strict or not', () => {
      expect(() => resolveRetryOptions({ propertys: {} } as object)).toThrow('Did you mean "properties"?');
    });
  });
});
