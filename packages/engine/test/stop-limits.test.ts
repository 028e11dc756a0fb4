import { PermanentError, sleep } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stopLimits } from '../src/consumer/stop-limits.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { type ConsumerInTest, Consumers, text } from './support/consumers.js';

const never = new AbortController().signal;
let consumers: Consumers;

beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders', 1);
});
afterEach(() => consumers.end());

async function started(config: Partial<ConsumerConfig>): Promise<ConsumerInTest> {
  const one = consumers.start(config, 'stopped', 'deadLetter', 'retry');
  consumers.cluster.produce('orders', 0, 'a');
  await consumers.clock.advance(1_000);
  return one;
}

/** Ends when its signal is aborted, or a while after that. */
const untilAborted = (end: () => unknown, after = 0) => ({
  handler: async (_: unknown, { signal }: { signal: AbortSignal }) => {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await sleep(after, never, consumers.clock);
    return end();
  },
});
const fails = () => {
  throw new PermanentError('aborted');
};

describe('the limits of a stop', () => {
  it.each([
    { options: undefined, limits: { abortAfter: 15_000, drained: 20_000, timeout: 25_000 } },
    { options: { timeout: 10_000 }, limits: { abortAfter: 6_000, drained: 8_000, timeout: 10_000 } },
    { options: { abortAfter: 0 }, limits: { abortAfter: 0, drained: 20_000, timeout: 25_000 } },
    { options: { abortAfter: '25s' }, limits: { abortAfter: 25_000, drained: 25_000, timeout: 25_000 } },
    { options: { timeout: 0 }, limits: { abortAfter: 0, drained: 0, timeout: 0 } },
  ] as const)('of $options', ({ options, limits }) => {
    expect(stopLimits(options, 'stop()')).toEqual(limits);
  });

  it.each([
    { options: { abortAfter: '26s' }, told: /abortAfter.*25000|abortAfter.*25s/ },
    { options: { timeout: Number.NaN }, told: /timeout/ },
    { options: { abortafter: 1 }, told: /no option "abortafter".*"abortAfter"/ },
    { options: 5, told: /stop\(\) takes an object/ },
  ])('refuse $options', ({ options, told }) => {
    expect(() => stopLimits(options as never, 'stop()')).toThrow(told);
  });
});

describe('a handler that runs when its consumer stops', () => {
  it('is aborted after abortAfter, and not before', async () => {
    const aborted: number[] = [];
    const { consumer } = await started(untilAborted(() => aborted.push(consumers.clock.now())));
    const begin = consumers.clock.now();
    void consumer.stop();
    await consumers.clock.advance(14_999);
    expect(aborted).toEqual([]);
    await consumers.clock.advance(1);
    expect(aborted).toEqual([begin + 15_000]);
  });

  it('and ends well after that is committed', async () => {
    const { consumer } = await started(untilAborted(() => {}, 1_000));
    const stopping = consumer.stop();
    await consumers.clock.advance(16_000);
    await stopping;
    expect(consumers.cluster.committedOffset('orders')).toBe(1);
  });

  it.each([
    { by: 'handler', config: () => untilAborted(fails) },
    { by: 'batch', config: () => ({ handler: undefined, batch: untilAborted(fails) }) },
    {
      by: 'key',
      config: () => ({ ...untilAborted(fails), concurrency: 4 }),
    },
  ])('and fails after that, by $by, has its record again, with nothing counted', async ({ config }) => {
    const { consumer, told } = await started(config() as Partial<ConsumerConfig>);
    const stopping = consumer.stop();
    await consumers.clock.advance(16_000);
    await stopping;
    expect([told('deadLetter'), told('retry')]).toEqual([[], []]);
    expect(told('stopped')).toEqual([{ finished: false }]);
    const again: (string | null)[] = [];
    consumers.start({ handler: (record) => void again.push(text(record)) });
    await consumers.clock.advance(1_000);
    expect(again).toEqual(['a']);
  });

  it('and never ends holds the stop up until there is just time to leave', async () => {
    const { consumer, told } = await started({ handler: () => new Promise(() => {}) });
    void consumer.stop();
    await consumers.clock.advance(19_999);
    expect(told('stopped')).toEqual([]);
    await consumers.clock.advance(1);
    expect(told('stopped')).toEqual([{ finished: false }]);
  });

  it('and the brokers that do not answer hold it up until its timeout', async () => {
    const { consumer, told } = await started({ handler: () => new Promise(() => {}) });
    const [member] = consumers.cluster.members;
    if (member !== undefined) member.stop = () => new Promise(() => {});
    void consumer.stop();
    await consumers.clock.advance(24_999);
    expect(told('stopped')).toEqual([]);
    await consumers.clock.advance(1);
    expect(told('stopped')).toEqual([{ finished: false }]);
  });
});
