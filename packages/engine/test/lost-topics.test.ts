import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { Consumers, text } from './support/consumers.js';
import type { MemoryCluster } from './support/memory-cluster.js';
import type { VirtualClock } from './support/virtual-clock.js';

const LETTERS = 'orders-billing-dlt';

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
});
afterEach(() => consumers.end());

/** A consumer whose topic of dead letters goes away, and then a record that needs it. */
async function lose(config: Partial<ConsumerConfig> = {}, partitions = 1) {
  cluster.create('orders', partitions);
  cluster.create(LETTERS, partitions);
  const running = consumers.start(
    {
      topology: { create: 'never' },
      handler: (record) => {
        if (text(record) === 'bad') throw new PermanentError('bad');
      },
      ...config,
    },
    'publishFailed',
    'publishRefused',
    'deadLetter',
    'skipped',
    'dead',
  );
  await clock.advance(100);
  await running.joined;
  cluster.topics.delete(LETTERS);
  cluster.produce('orders', partitions - 1, 'bad', 'good');
  return running;
}

describe('a topic of dead letters that goes away and that velo may not make', () => {
  it('is waited for, while health and events say so; then the copy is written', async () => {
    const { told, consumer } = await lose();
    await clock.advance(20_000);
    expect(consumer.health()).toMatchObject({ state: 'retrying', pendingHandOffs: 1 });
    expect(told('publishFailed').length).toBeGreaterThan(1);
    expect(told('publishFailed')[0]?.explanation).toContain(LETTERS);
    expect(cluster.committedOffset('orders')).toBe(0);
    cluster.create(LETTERS);
    await clock.advance(6_000);
    expect(cluster.values(LETTERS)).toEqual(['bad']);
    expect(cluster.committedOffset('orders')).toBe(2);
    expect(consumer.health().state).toBe('running');
  });

  it.each([
    { refused: 'stop', state: 'dead', committed: 0 },
    { refused: 'skip', state: 'running', committed: 2 },
  ] as const)('is given up after 30 s: refused $refused', async ({ refused, state, committed }) => {
    const { told, consumer } = await lose({ refused });
    await clock.advance(40_000);
    expect(told('publishRefused')).toMatchObject([{ topic: LETTERS, error: { code: 'VELO_TOPOLOGY' } }]);
    expect(told('publishRefused')[0]?.explanation).toContain(LETTERS);
    expect(consumer.health().state).toBe(state);
    expect(cluster.committedOffset('orders')).toBe(committed);
    if (state === 'dead') expect(consumer.health().error).toMatchObject({ code: 'VELO_PUBLISH_REFUSED' });
    else expect(told('skipped')).toMatchObject([{ reason: 'refused' }]);
  });

  it('is given up after `waitForTopics`, where that is set', async () => {
    const { told } = await lose({ waitForTopics: '5s', refused: 'skip' });
    await clock.advance(4_000);
    expect(told('skipped')).toEqual([]);
    await clock.advance(11_000);
    expect(told('skipped')).toHaveLength(1);
  });

  it('takes later copies again once it is back', async () => {
    const { told } = await lose({ refused: 'skip' });
    await clock.advance(40_000);
    cluster.create(LETTERS);
    cluster.produce('orders', 0, 'bad');
    await clock.advance(1_000);
    expect(told('deadLetter')).toHaveLength(1);
    expect(cluster.values(LETTERS)).toEqual(['bad']);
  });

  it('may come back narrower: copies go to the remainder of their partition', async () => {
    await lose({}, 4);
    await clock.advance(1_000);
    cluster.create(LETTERS, 2);
    await clock.advance(6_000);
    expect(cluster.values(LETTERS, 1)).toEqual(['bad']);
    expect(cluster.committedOffset('orders', 3)).toBe(2);
  });
});

it('a topic that velo may make, but is not allowed to, is given up at once', async () => {
  const { told, consumer } = await lose({ topology: { create: 'if-missing' }, refused: 'skip' });
  cluster.creates = false;
  await clock.advance(5_000);
  expect(told('skipped')).toHaveLength(1);
  expect(consumer.health().state).toBe('running');
});
