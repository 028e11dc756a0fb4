import { fixed } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consumers } from './support/consumers.js';

const HOUR = 3_600_000;

let consumers: Consumers;

beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders');
});
afterEach(() => consumers.end());

describe.each([{ step: -HOUR }, { step: HOUR }])('the time of day is set by $step ms', ({ step }) => {
  it('a wait in place is neither shorter nor longer, and its end is committed', async () => {
    const { cluster, clock } = consumers;
    const begin = clock.now();
    const attempts: number[] = [];
    consumers.start({
      retry: { inPlace: { maxAttempts: 2, strategy: fixed(2_000) } },
      handler: (_, { attempt }) => {
        attempts.push(clock.now() - begin);
        if (attempt === 1) throw new Error('busy');
      },
    });
    cluster.produce('orders', 0, {});
    await clock.advance(500);
    clock.stepWall(step);
    await clock.advance(1_400);
    expect(attempts).toHaveLength(1);
    await clock.advance(200);
    expect(attempts).toHaveLength(2);
    expect((attempts[1] as number) - (attempts[0] as number)).toBe(2_000);
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(1);
  });

  it('a wait in a tier is neither shorter nor longer, and lateness is by no step', async () => {
    const { cluster, clock } = consumers;
    const starts: number[] = [];
    const { told } = consumers.start(
      {
        retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] },
        handler: (_, { tier }) => {
          starts.push(clock.now());
          if (tier === 0) throw new Error('busy');
        },
      },
      'late',
    );
    cluster.produce('orders', 0, {});
    await clock.advance(1_000);
    clock.stepWall(step);
    await clock.advance(10_000);
    expect(starts).toHaveLength(2);
    const waited = (starts[1] as number) - (starts[0] as number);
    expect(waited).toBeGreaterThanOrEqual(5_000);
    expect(waited).toBeLessThan(5_050);
    expect(told('late')).toMatchObject([{ lateness: 0 }]);
  });

  it('the commit of what finishes later is as soon as ever', async () => {
    const { cluster, clock } = consumers;
    consumers.start({});
    cluster.produce('orders', 0, {});
    await clock.advance(500);
    clock.stepWall(step);
    cluster.produce('orders', 0, {});
    await clock.advance(100);
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('the deadline of a start stays where it was', async () => {
    const { clock } = consumers;
    const missing = consumers.create({ topics: ['missing'], waitForTopics: '10s' });
    let ended: unknown;
    missing.start().catch((error: unknown) => {
      ended = error;
    });
    await clock.advance(5_000);
    clock.stepWall(step);
    await clock.advance(4_000);
    expect(ended).toBeUndefined();
    await clock.advance(3_000);
    expect(ended).toMatchObject({ code: 'VELO_TOPIC_MISSING' });
  });
});

it('a copy that was written before the time of day was set back waits once more at the most', async () => {
  const { cluster, clock } = consumers;
  const starts: number[] = [];
  cluster.create('orders-billing-retry-5s');
  cluster.produce('orders-billing-retry-5s', 0, {
    headers: [
      ['velo-group', Buffer.from('billing')],
      ['velo-due', Buffer.from(String(clock.wallTime() + 5_000))],
    ],
  });
  clock.stepWall(-HOUR);
  const begin = clock.now();
  consumers.start({ retry: { tiers: ['5s'] }, handler: () => starts.push(clock.now() - begin) });
  await clock.advance(10_000);
  expect(starts).toHaveLength(1);
  expect(starts[0]).toBeGreaterThanOrEqual(5_000);
  expect(starts[0]).toBeLessThan(5_100);
});
