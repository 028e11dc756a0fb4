import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { createVeloOn, type Velo } from '../src/velo.js';
import { kafkaError, MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

const silent = { info() {}, warn() {}, error() {} };
const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

let cluster: MemoryCluster;
let clock: VirtualClock;
let velo: Velo;

beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  velo = createVeloOn(cluster.open, { clock, env: {}, logger: silent });
});

afterEach(async () => {
  const closing = velo.close();
  await clock.advance(120_000);
  await closing;
  expect(cluster.openClients).toBe(0);
  expect(clock.pending).toBe(0);
});

function start(config: Partial<ConsumerConfig> = {}) {
  const consumer = velo.consumer({ groupId: 'billing', topics: ['orders'], handler: () => {}, ...config });
  const attempts: number[] = [];
  consumer.on('crashed', ({ restart }) => attempts.push(restart));
  const started = consumer.start();
  started.catch(() => {});
  return { consumer, attempts, started };
}

describe('a start whose topics cannot be prepared', () => {
  it.each(['orders', 'orders-billing-dlt'])(
    'is tried again after a connection was reset while %s was asked for',
    async (asked) => {
      cluster.create('orders');
      let resets = 3;
      cluster.onPartitionCount = (topic) => {
        if (topic === asked && resets-- > 0) throw reset();
      };
      const { consumer, attempts, started } = start();
      await clock.advance(10_000);
      await started;
      expect(attempts).toEqual([1, 2, 3]);
      expect(consumer.health().state).toBe('running');
    },
  );

  it('ends after as many attempts as a join has', async () => {
    cluster.onPartitionCount = () => {
      throw reset();
    };
    const { consumer, attempts, started } = start();
    await clock.advance(3_600_000);
    await expect(started).rejects.toMatchObject({ code: 'VELO_TIMEOUT' });
    expect(attempts).toHaveLength(50);
    expect(consumer.health().state).toBe('dead');
  });

  it('ends with the wait that the configuration gives brokers', async () => {
    cluster.onPartitionCount = () => {
      throw reset();
    };
    const { attempts, started } = start({ waitForTopics: '30s' });
    await clock.advance(31_000);
    await expect(started).rejects.toMatchObject({ code: 'VELO_TIMEOUT' });
    expect(attempts).toEqual([]);
  });

  it.each([
    { what: 'a missing topic', error: undefined, code: 'VELO_TOPIC_MISSING' },
    { what: 'a refusal', error: kafkaError(29), code: 'VELO_CLIENT' },
  ])('ends at once with $what', async ({ error, code }) => {
    cluster.onPartitionCount = () => {
      if (error !== undefined) throw error;
    };
    const { attempts, started } = start();
    await clock.advance(100);
    await expect(started).rejects.toMatchObject({ code });
    expect(attempts).toEqual([]);
  });

  it('ends at once with a stop', async () => {
    cluster.onPartitionCount = () => {
      throw reset();
    };
    const { consumer, started } = start();
    await clock.advance(5_000);
    const stopping = consumer.stop();
    await clock.advance(100);
    await stopping;
    await expect(started).rejects.toMatchObject({ code: 'VELO_ABORTED' });
  });
});

describe('waitForTopic, where brokers do not answer', () => {
  beforeEach(() => {
    cluster.onPartitionCount = () => new Promise(() => {});
  });

  it.each([
    { timeout: 2_000, end: 2_000 },
    { timeout: 0, end: 15_000 },
  ])('gives its look up: with a timeout of $timeout ms after $end ms', async ({ timeout, end }) => {
    const begin = clock.now();
    let took: number | undefined;
    const waiting = velo.waitForTopic('orders', { timeout }).finally(() => {
      took = clock.now() - begin;
    });
    waiting.catch(() => {});
    await clock.advance(60_000);
    await expect(waiting).rejects.toMatchObject({
      code: 'VELO_TIMEOUT',
      message: expect.stringContaining('cannot be reached'),
    });
    expect(took).toBe(end);
  });

  it('ends at once when its signal is aborted', async () => {
    const controller = new AbortController();
    const waiting = velo.waitForTopic('orders', { timeout: '1h', signal: controller.signal });
    waiting.catch(() => {});
    await clock.advance(1_000);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('says what an earlier look has found', async () => {
    let looks = 0;
    cluster.onPartitionCount = () => (looks++ === 0 ? undefined : new Promise<void>(() => {}));
    const waiting = velo.waitForTopic('orders', { timeout: '5s' });
    waiting.catch(() => {});
    await clock.advance(5_000);
    await expect(waiting).rejects.toMatchObject({ code: 'VELO_TOPIC_MISSING' });
    expect(looks).toBe(2);
  });
});
