import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostileValues } from '../../retry-core/test/support/hostile-values.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { Consumers, text } from './support/consumers.js';

/**
 * Whatever a function of the configuration throws or gives back: each record is handled or dead-lettered and committed,
 * the consumer goes on, and no rejection is left to end the process.
 */
let consumers: Consumers;
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
const names = Object.keys(hostileValues);
const made = (name: string | null): unknown => (hostileValues[name as string] as () => unknown)();

beforeEach(() => {
  consumers = new Consumers();
  unhandled.length = 0;
  process.on('unhandledRejection', note);
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {});
});
afterEach(async () => {
  await consumers.end();
  process.off('unhandledRejection', note);
  vi.restoreAllMocks();
  expect(unhandled).toEqual([]);
});

type How = 'throws' | 'gives back';

/** A function that does what the record's value names. */
const hostile = (how: How) => (name: string | null) => {
  const value = made(name);
  if (how === 'throws') throw value;
  return value as never;
};

async function run(
  config: Partial<ConsumerConfig>,
  prepare?: (consumer: ReturnType<Consumers['create']>) => void,
) {
  const { cluster, clock } = consumers;
  cluster.create('orders');
  cluster.produce('orders', 0, ...names);
  const consumer = consumers.create({ handlerTimeout: '1s', ...config });
  prepare?.(consumer);
  const ended = { handled: 0, dead: 0, skipped: 0 };
  consumer.on('success', () => void ended.handled++);
  consumer.on('deadLetter', () => void ended.dead++);
  const joined = consumer.start();
  await clock.advance(60_000);
  await joined;
  expect(consumer.health()).toMatchObject({ state: 'running', restarts: 0 });
  expect(cluster.committedOffset('orders')).toBe(names.length);
  expect(ended.handled + ended.dead).toBe(names.length);
  return ended;
}

describe.each<How>(['throws', 'gives back'])('a function that %s whatever there is', (how) => {
  const nasty = hostile(how);

  it('as the handler', async () => {
    const ended = await run({
      handler: (record) => nasty(text(record)),
      retry: { tiers: ['1s'], stackTraces: true },
    });
    if (how === 'throws') expect(ended).toMatchObject({ handled: 0 });
  });

  it('as `decode`', async () => {
    const ended = await run({ decode: (record) => nasty(text(record)) });
    if (how === 'throws') expect(ended).toMatchObject({ handled: 0 });
  });

  it('as `classify`', async () => {
    const ended = await run({
      handler: () => {
        throw new Error('busy');
      },
      retry: { classify: (_, record) => nasty(text(record)) },
    });
    expect(ended).toMatchObject({ handled: 0 });
  });

  it('as a strategy', async () => {
    let turn = 0;
    const next = () => nasty(names[turn++ % names.length] as string);
    const ended = await run({
      handler: (_, { attempt }) => {
        if (attempt === 1) throw new Error('busy');
      },
      retry: { inPlace: { maxAttempts: 2, strategy: { kind: 'hostile', delay: next, observe: next } } },
    });
    expect(ended).toMatchObject({ dead: 0 });
  });

  it('as the route of dead letters', async () => {
    const ended = await run({
      handler: () => {
        throw new PermanentError('bad');
      },
      exhausted: { action: 'dead-letter', route: (_, record) => nasty(text(record)) },
    });
    expect(ended).toMatchObject({ handled: 0 });
  });

  it('as a listener', async () => {
    await run(
      {
        handler: (_, { attempt }) => {
          if (attempt === 1) throw new Error('busy');
        },
      },
      (consumer) => {
        consumer.on('success', ({ record }) => nasty(text(record)));
        consumer.on('retry', ({ record }) => nasty(text(record)));
      },
    );
  });

  it('as the logger', async () => {
    let turn = 0;
    const next = () => nasty(names[turn++ % names.length] as string);
    await run({ logger: { info: next, warn: next, error: next } }, (consumer) => {
      consumer.on('success', () => {
        throw new Error('a listener');
      });
    });
    expect(turn).toBeGreaterThanOrEqual(names.length);
  });

  it('as the strategy of a producer', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    let turn = 0;
    const next = () => nasty(names[turn++ % names.length] as string);
    let failures = names.length;
    cluster.onPublish = () =>
      failures-- > 0
        ? Object.assign(new Error('no leader'), { name: 'KafkaJSProtocolError', code: 6 })
        : undefined;
    const producer = consumers.producer({ strategy: { kind: 'hostile', delay: next }, timeout: '10m' });
    const sent = producer.send({ topic: 'orders', messages: [{ value: 'x' }] });
    await clock.advance(600_000);
    await expect(sent).resolves.toHaveLength(1);
  });
});

it('what is no strategy, and no function, is refused at once', () => {
  const refused = { code: 'VELO_INVALID_OPTION' };
  expect(() => consumers.create({ retry: { inPlace: { strategy: {} as never } } })).toThrow(
    expect.objectContaining(refused),
  );
  expect(() => consumers.create({ retry: { classify: 'retry' as never } })).toThrow(
    expect.objectContaining(refused),
  );
  expect(() => consumers.producer({ strategy: {} as never })).toThrow(expect.objectContaining(refused));
});

it('a function that fails is told of once, with what counts instead', async () => {
  const told: string[] = [];
  await run({
    logger: { info: () => {}, warn: (message) => told.push(message), error: () => {} },
    handler: (_, { attempt }) => {
      if (attempt < 3) throw new Error('busy');
    },
    retry: {
      inPlace: { strategy: { kind: 'broken', delay: () => Number.NaN } },
      classify: () => 'later' as never,
    },
  });
  expect(told).toEqual([
    expect.stringMatching(/^retry\.classify must answer .*"later"/),
    expect.stringMatching(/^retry\.inPlace\.strategy must answer with milliseconds, and has answered NaN/),
  ]);
});
