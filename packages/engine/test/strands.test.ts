import { fixed, PermanentError } from '@velo/retry-core';
import { afterAll, describe, expect, it } from 'vitest';
import { Lane, MOST_AHEAD } from '../src/lanes/lane.js';
import { SharedSlots } from '../src/lanes/slots.js';
import { readFinishedAhead } from '../src/offsets/offset-metadata.js';
import { planConsumer } from '../src/plan/plan.js';
import type { Route } from '../src/plan/plan-topic.js';
import { Consumers } from './support/consumers.js';
import { copyOf, recordWith } from './support/copies.js';
import {
  gate,
  hostInTest,
  type LaneSetup,
  laneInTest,
  offsetOf,
  recordAt,
  recordsFrom,
  startAt,
  withKeys,
} from './support/lane-in-test.js';
import { settle } from './support/virtual-clock.js';

/** An open lane, with a gate for a handler. */
function opened(setup: Partial<LaneSetup> = {}) {
  const { calls, handler, seen } = gate();
  const test = laneInTest({ concurrency: 3, handler, ...setup });
  test.lane.open(startAt(0));
  return { ...test, calls, seen };
}

const stumble = (ms: number) => ({ inPlace: { maxAttempts: 3, strategy: fixed(ms) } });

describe('records that run side by side', () => {
  it('are as many as the partition may run at once, and of one key the first alone', async () => {
    const { lane, calls, seen } = opened();
    lane.push(withKeys('aabcd'));
    await settle();
    expect(seen()).toEqual([0, 2, 3]);
    expect(lane.queued).toBe(2);
    calls[2]?.pass();
    await settle();
    expect(seen()).toEqual([0, 2, 3, 4]);
    calls[0]?.pass();
    await settle();
    expect(seen()).toEqual([0, 2, 3, 4, 1]);
  });

  it('are told apart by the bytes of their keys; none without a key waits for another', async () => {
    const { lane, seen } = opened({ concurrency: 10 });
    // Neither is UTF-8: read as a text, they would be one key.
    const keys = [Buffer.from([0xff]), Buffer.from([0xfe]), Buffer.from([]), null, null, Buffer.from([])];
    lane.push(keys.map((key, offset) => recordAt(offset, { key })));
    await settle();
    expect(seen()).toEqual([0, 1, 2, 3, 4]);
  });

  it('run in no order, if that is asked for', async () => {
    const { lane, seen } = opened({ order: 'none', concurrency: 2 });
    lane.push(withKeys('aaa'));
    await settle();
    expect(seen()).toEqual([0, 1]);
  });

  it('commit what has finished without a gap, and tell what has finished beyond', async () => {
    const { lane, calls } = opened();
    lane.push(withKeys('abc'));
    calls[1]?.pass();
    await settle();
    const commit = lane.standing.takeCommit();
    expect(commit?.offset).toBe(0);
    expect(readFinishedAhead(commit?.metadata ?? '')).toEqual({
      committed: 0,
      spans: [{ begin: 1, end: 2 }],
    });
    lane.standing.committedUpTo(0);
    expect(lane.standing.takeCommit()).toBeUndefined();
    calls[0]?.pass();
    await settle();
    expect(lane.standing.takeCommit()).toMatchObject({ offset: 2, metadata: '' });
  });

  it('are passed over where the commit says that they have finished', async () => {
    const { calls, handler, seen } = gate();
    const { lane, toCommit } = laneInTest({ concurrency: 3, handler });
    lane.open({ ...startAt(0), finishedAhead: [{ begin: 1, end: 3 }] });
    lane.push(withKeys('abcd'));
    await settle();
    expect(seen()).toEqual([0, 3]);
    for (const { pass } of calls) pass();
    await settle();
    expect(toCommit()).toBe(4);
  });
});

describe('an attempt that waits in place', () => {
  it('holds back its own key, and has no slot', async () => {
    const { lane, clock, calls, seen } = opened({ concurrency: 1, order: 'key', retry: stumble(100) });
    lane.push(withKeys('aab'));
    calls[0]?.fail(new Error('down'));
    await settle();
    expect(seen()).toEqual([0, 2]);
    await clock.advance(200);
    // It is due, but another one runs.
    expect(seen()).toEqual([0, 2]);
    calls[1]?.pass();
    await settle();
    expect(seen()).toEqual([0, 2, 0]);
    calls[2]?.pass();
    await settle();
    expect(seen()).toEqual([0, 2, 0, 1]);
  });

  it('ends with its partition, and keeps nobody from the end', async () => {
    const { lane, clock, calls, seen } = opened({ retry: stumble(60_000) });
    lane.push(withKeys('aab'));
    calls[0]?.fail(new Error('down'));
    calls[1]?.pass();
    await settle();
    await lane.close('test');
    await clock.advance(120_000);
    expect(seen()).toEqual([0, 2]);
    expect(clock.pending).toBe(0);
  });
});

describe('a consumer that may run so many handlers at once', () => {
  it('lets its partitions take turns', async () => {
    const { calls, handler } = gate();
    const test = hostInTest({ perConsumer: 2 });
    const { routes } = planConsumer({ groupId: 'billing', topics: ['orders'], handler }, 0);
    const route = routes.get('orders') as Route;
    const lanes = [0, 1, 2].map((partition) => new Lane({ topic: 'orders', partition }, route, test.host));
    for (const lane of lanes) lane.open(startAt(0));
    for (const { partition, push } of lanes.map((lane) => ({
      partition: lane.partition,
      push: lane.push.bind(lane),
    })))
      push(recordsFrom(0, partition === 0 ? 20 : 3).map((record) => ({ ...record, partition })));
    for (let ended = 0; ended < calls.length; ended++) {
      await settle();
      expect(calls.length - ended).toBeLessThanOrEqual(2);
      calls[ended]?.pass();
      await settle();
    }
    const order = calls.map(({ record }) => record.partition);
    expect(order).toHaveLength(26);
    expect(order.slice(0, 9).sort()).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it('gives a slot to nobody whose partition is gone', async () => {
    const { calls, handler, seen } = gate();
    const test = hostInTest({ perConsumer: 1 });
    const { routes } = planConsumer({ groupId: 'billing', topics: ['orders'], handler }, 0);
    const route = routes.get('orders') as Route;
    const [one, other] = [0, 1].map(
      (partition) => new Lane({ topic: 'orders', partition }, route, test.host),
    );
    one?.open(startAt(0));
    other?.open(startAt(10));
    one?.push(recordsFrom(0, 2));
    other?.push(recordsFrom(10, 2));
    await settle();
    const closing = one?.close('test');
    await settle();
    expect(seen()).toEqual([0]);
    calls[0]?.pass();
    await closing;
    await settle();
    expect(seen()).toEqual([0, 10]);
  });
});

describe('slots', () => {
  it('are unlimited without a limit', () => {
    const slots = new SharedSlots(Number.POSITIVE_INFINITY);
    expect([slots.limited, slots.take(), slots.take()]).toEqual([false, true, true]);
  });
});

describe('phases', () => {
  it('nothing begins while the partition is held or rests, then all goes on', async () => {
    const { lane, calls, seen } = opened();
    lane.push(withKeys('aab'));
    await settle();
    const rested = lane.rest();
    lane.push(recordsFrom(3, 2));
    calls[0]?.pass();
    calls[1]?.pass();
    await rested;
    lane.hold();
    await settle();
    expect(seen()).toEqual([0, 2]);
    lane.open(startAt(0));
    await settle();
    expect(seen().sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('what another member has committed meanwhile does not begin', async () => {
    const { lane, calls, seen } = opened({ concurrency: 1, order: 'key' });
    lane.push(withKeys('aab'));
    await settle();
    lane.hold();
    lane.open(startAt(3));
    calls[0]?.pass();
    await settle();
    expect(seen()).toEqual([0]);
    lane.push(recordsFrom(3, 1));
    await settle();
    expect(seen()).toEqual([0, 3]);
  });

  it('a close aborts all that run, and has ended when they have', async () => {
    const { lane, calls } = opened();
    lane.push(withKeys('abcde'));
    await settle();
    let closed = false;
    void lane.close('The partition was taken away.').then(() => {
      closed = true;
    });
    expect(calls.map(({ context }) => context.signal.aborted)).toEqual([true, true, true]);
    calls[0]?.pass();
    calls[1]?.fail(new Error('late'));
    await settle();
    expect(closed).toBe(false);
    calls[2]?.pass();
    await settle();
    expect(closed).toBe(true);
    expect(calls).toHaveLength(3);
  });

  it('a drain lets all that run end, and begins nothing', async () => {
    const { lane, calls, toCommit } = opened();
    lane.push(withKeys('aabcde'));
    await settle();
    const drained = lane.drain();
    for (const { pass } of calls) pass();
    await drained;
    await settle();
    expect(calls).toHaveLength(3);
    expect(toCommit()).toBe(1);
  });

  it('each handler that runs is seen', async () => {
    const { lane, clock } = opened();
    lane.push(withKeys('ab'));
    await clock.advance(10);
    lane.push([recordAt(2)]);
    await settle();
    expect(lane.running.map(({ since, context }) => [offsetOf(context.record), clock.now() - since])).toEqual(
      [
        [0, 10],
        [1, 10],
        [2, 0],
      ],
    );
  });

  it('a strategy that is broken beyond help stops the consumer before its record', async () => {
    const { lane, halted, toCommit } = opened({
      handler: ({ offset }: { offset: string }) => {
        if (offset === '0') throw new PermanentError('x');
      },
      exhausted: { action: 'stop' },
    });
    lane.push(withKeys('aab'));
    await settle();
    expect(halted).toMatchObject([{ code: 'VELO_CONSUMER_DEAD' }]);
    expect(toCommit()).toBe(0);
  });
});

describe('memory', () => {
  it('what waits behind its key is in the buffer: the partition is paused for it', async () => {
    const { lane, calls, flow } = opened({ bufferRecords: 4 });
    lane.push(withKeys('aaaaaa'));
    await settle();
    expect(flow).toEqual(['pause']);
    for (let i = 0; i < 4; i++) {
      calls[i]?.pass();
      await settle();
    }
    expect(flow).toEqual(['pause', 'resume']);
  });

  it('so do their bytes, in the partition and in all', async () => {
    for (const limit of [{ bufferBytes: 10_000 }, { totalBytes: 20_000 }]) {
      const { lane, flow } = opened({ order: 'none', concurrency: 100, ...limit });
      const value = Buffer.alloc(1_000);
      lane.push(recordsFrom(0, 8).map((record) => ({ ...record, value })));
      lane.push(recordsFrom(8, 8).map((record) => ({ ...record, value })));
      await settle();
      expect(flow).toEqual(['pause']);
    }
  });

  it('what has begun since the oldest unfinished record is bounded', async () => {
    const first: (() => void)[] = [];
    const { lane } = opened({
      bufferRecords: 1e9,
      handler: ({ offset }: { offset: string }) =>
        offset === '0' ? new Promise<void>((resolve) => first.push(resolve)) : undefined,
    });
    lane.push(recordsFrom(0, MOST_AHEAD + 10));
    while (lane.standing.ahead < MOST_AHEAD) await settle();
    await settle();
    expect(lane.queued).toBe(10);
    first[0]?.();
    await settle();
    expect([lane.queued, lane.position]).toEqual([0, MOST_AHEAD + 10]);
  });
});

describe('a tier', () => {
  const TIER = 'orders-billing-retry-5s';
  const consumers = new Consumers();
  afterAll(() => consumers.end());

  it('keeps the due times of its records, side by side', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.create(TIER);
    const { calls, handler } = gate();
    const seen = () => calls.map(({ record }) => String(record.key));
    consumers.start({ concurrency: 2, retry: { tiers: ['5s'] }, handler });
    for (const [key, wait] of Object.entries({ a: 1_000, b: 1_500, c: 1_600 })) {
      const headers = copyOf(recordWith(), { due: clock.wallTime() + wait });
      cluster.produce(TIER, 0, { key: Buffer.from(key), headers });
    }
    await clock.advance(999);
    expect(seen()).toEqual([]);
    await clock.advance(700);
    expect(seen()).toEqual(['a', 'b']);
    await clock.advance(1_000);
    expect(seen()).toEqual(['a', 'b']);
    calls[1]?.pass();
    await settle();
    expect(seen()).toEqual(['a', 'b', 'c']);
    for (const { pass } of calls) pass();
  });
});
