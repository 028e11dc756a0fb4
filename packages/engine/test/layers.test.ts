import { CircuitBreaker, fixed } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { layered } from '../src/plan/layers.js';
import { createVeloOn, type VeloOptions } from '../src/velo.js';
import { MemoryCluster } from './support/memory-cluster.js';

const of = (...layers: readonly object[]) =>
  layered(layers.map((options, i) => ({ from: String(i + 1), options })));

describe('options in layers', () => {
  const [strategy, other] = [fixed(1), fixed(2)];
  const [one, two] = [() => 1, () => 2];
  const [breaker] = [new CircuitBreaker()];

  it.each<{ what: string; layers: readonly object[]; merged: object }>([
    {
      what: 'merge objects, however deep',
      layers: [
        { retry: { inPlace: { maxAttempts: 5 } } },
        { retry: { tiers: ['5s'], inPlace: { strategy } } },
      ],
      merged: { retry: { tiers: ['5s'], inPlace: { maxAttempts: 5, strategy } } },
    },
    {
      what: 'replace lists',
      layers: [{ retry: { tiers: ['1s'] } }, { retry: { tiers: ['5s', '1m'] } }],
      merged: { retry: { tiers: ['1s'] } },
    },
    {
      what: 'replace strategies and functions',
      layers: [
        { retry: { inPlace: { strategy }, classify: one } },
        { retry: { inPlace: { strategy: other }, classify: two } },
      ],
      merged: { retry: { inPlace: { strategy }, classify: one } },
    },
    {
      what: 'heed no undefined',
      layers: [
        { handlerTimeout: undefined, retry: { tiers: undefined } },
        { handlerTimeout: 5, retry: { tiers: [1] } },
      ],
      merged: { handlerTimeout: 5, retry: { tiers: [1] } },
    },
    {
      what: 'replace what is no object, and by it',
      layers: [
        { concurrency: 4, flow: { guard: { share: 1 } } },
        { concurrency: { perConsumer: 9 }, flow: { guard: false } },
      ],
      merged: { concurrency: 4, flow: { guard: { share: 1 } } },
    },
    {
      what: 'replace a breaker of the user’s own',
      layers: [{ flow: { breaker } }, { flow: { breaker: { openFor: 5 }, rate: { perSecond: 1 } } }],
      merged: { flow: { breaker, rate: { perSecond: 1 } } },
    },
    {
      what: 'merge an exhausted of the same action',
      layers: [
        { exhausted: { action: 'dead-letter', topic: 'x' } },
        { exhausted: { action: 'dead-letter', retention: '1d' } },
      ],
      merged: { exhausted: { action: 'dead-letter', topic: 'x', retention: '1d' } },
    },
    {
      what: 'replace an exhausted of another action',
      layers: [{ exhausted: { action: 'skip' } }, { exhausted: { action: 'dead-letter', retention: '1d' } }],
      merged: { exhausted: { action: 'skip' } },
    },
    {
      what: 'have a handler or a batch',
      layers: [{ handler: one }, { batch: { handler: two } }],
      merged: { handler: one },
    },
  ])('$what', ({ layers, merged }) => {
    expect(of(...layers).options).toEqual(merged);
  });

  it('know where each option comes from', () => {
    const { origins } = of(
      { retry: { tiers: ['1s'] }, exhausted: { action: 'skip' } },
      {
        retry: { tiers: ['5s'], inPlace: { maxAttempts: 2 } },
        exhausted: { action: 'dead-letter', retention: '1d' },
      },
      { retry: { inPlace: { maxAttempts: 7 } }, concurrency: { perPartition: 3 } },
    );
    expect(Object.fromEntries(origins.map(({ option, from }) => [option, from]))).toEqual({
      'retry.tiers': '1',
      'exhausted.action': '1',
      'retry.inPlace.maxAttempts': '2',
      'concurrency.perPartition': '3',
    });
  });

  it('leave what they were made of as it was', () => {
    const below = { retry: { tiers: ['5s'] } };
    of({ retry: { inPlace: { maxAttempts: 2 } } }, below);
    expect(below).toEqual({ retry: { tiers: ['5s'] } });
  });
});

describe('a consumer', () => {
  const explained = (options: VeloOptions, config: object = {}) =>
    createVeloOn(new MemoryCluster().open, { env: {}, ...options })
      .consumer({ groupId: 'billing', topics: ['orders'], handler: () => {}, ...config })
      .explain();
  /** The row of an option in what explain() says of origins. */
  const row = (text: string, option: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`  ${option} `))
      ?.trim()
      .split(/ {2,}/)
      .slice(1);

  it('has what createVelo says for all, and what it says itself goes first', () => {
    const consumers = {
      retry: { tiers: ['5s', '1m'], inPlace: { maxAttempts: 2 } },
      handlerTimeout: '30s',
    } as const;
    const text = explained({ consumers }, { retry: { inPlace: { maxAttempts: 7 } } });
    expect(text).toContain('orders-billing-retry-1m');
    expect(row(text, 'retry.tiers')).toEqual(['5s, 1m', 'createVelo()']);
    expect(row(text, 'retry.inPlace.maxAttempts')).toEqual(['7', 'consumer()']);
    expect(row(text, 'handlerTimeout')).toEqual(['30s', 'createVelo()']);
    expect(row(text, 'concurrency.perPartition')).toEqual(['1', 'default']);
  });

  it.each([
    ['topic.retry.attempts', 'VELOSTREAM_RETRY_ATTEMPTS', '7', 'retry.inPlace.maxAttempts', '7'],
    ['topic.retry.tiers', 'VELOSTREAM_RETRY_TIERS', '5s, 10m', 'retry.tiers', '5s, 10m'],
    ['topic.retry.tiers', 'VELOSTREAM_RETRY_TIERS', 'none', 'retry.tiers', 'none'],
    ['topic.handler.timeout', 'VELOSTREAM_HANDLER_TIMEOUT_SECS', '30', 'handlerTimeout', '30s'],
    ['topic.handler.concurrency', 'VELOSTREAM_HANDLER_CONCURRENCY', '16', 'concurrency.perPartition', '16'],
  ])(
    'is tuned by %s and %s: code, properties, environment, in this order',
    (property, variable, text, option, value) => {
      const env = { [variable]: text };
      const properties = { [property]: text };
      expect(row(explained({ env }), option)).toEqual([value, variable]);
      expect(row(explained({ env: { [variable]: '1' }, properties }), option)).toEqual([value, property]);
      const code = {
        retry: { tiers: ['1h'], inPlace: { maxAttempts: 9 } },
        handlerTimeout: '1h',
        concurrency: { perPartition: 9 },
      } as const;
      expect(row(explained({ env, properties, consumers: code }), option)?.[1]).toBe('createVelo()');
      expect(row(explained({ env, properties, consumers: code }, code), option)?.[1]).toBe('consumer()');
    },
  );

  it('tells what the policy of a topic says', () => {
    const text = explained({}, { topics: { orders: { retry: { tiers: ['9s'] } } } });
    expect(row(text, 'topics.orders.retry.tiers')).toEqual(['9s', 'consumer()']);
  });

  it.each([
    {
      env: { VELOSTREAM_RETRY_TIERS: '5s,soon' },
      told: /VELOSTREAM_RETRY_TIERS is "5s,soon", but must be waits/,
    },
    {
      env: { VELOSTREAM_HANDLER_CONCURENCY: '5' },
      told: /VELOSTREAM_HANDLER_CONCURENCY.*VELOSTREAM_HANDLER_CONCURRENCY/,
    },
    { properties: { 'topic.retry.attempt': '5' }, told: /topic.retry.attempt.*topic.retry.attempts/ },
    { properties: { 'topic.handler.timeout': '0' }, told: /topic.handler.timeout is "0"/ },
  ])('is told of %o, strictly or not', ({ told, ...options }) => {
    const lines: string[] = [];
    const logger = { info() {}, warn: (line: string) => void lines.push(line), error() {} };
    explained({ ...options, logger } as VeloOptions);
    expect(lines).toEqual([expect.stringMatching(told)]);
    expect(() => explained({ ...options, strict: true } as VeloOptions)).toThrow(told);
  });

  it.each([
    { consumers: { retires: {} }, told: /'consumers' of createVelo\(\) has no option "retires".*"retry"/ },
    { consumers: { groupId: 'billing' }, told: /no option "groupId"/ },
    { consumers: { retry: { inPlace: { maxAttempt: 1 } } }, told: /"retry.inPlace.maxAttempts"/ },
    { consumers: 5, told: /takes an object/ },
  ])('has no defaults $consumers', ({ consumers, told }) => {
    expect(() => createVeloOn(new MemoryCluster().open, { env: {}, consumers } as never)).toThrow(told);
  });

  it('that is given no configuration is refused as before', () => {
    const velo = createVeloOn(new MemoryCluster().open, { env: {}, consumers: { handlerTimeout: '1s' } });
    expect(() => velo.consumer(undefined as never)).toThrow(/configuration of a consumer/);
    expect(() =>
      velo.consumer({ groupId: 'g', topics: ['a'], handler() {}, batch: { handler() {} } } as never),
    ).toThrow(/either handler or batch/);
  });
});
