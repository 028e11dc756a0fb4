import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Holding } from '../src/fetching/holdings.js';
import { Standstills } from '../src/group/standstills.js';

/** ms between two looks, as the member's questions to the leader come. */
const LOOK_EVERY = 2_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A partition of which nothing comes though another consumer finds records there; `queue` says when all others were handed out. */
function watch(queue: { emptyAt: () => number }) {
  const holding = new Holding({ topic: 'orders-billing-retry-5s', partition: 0 });
  const told: unknown[] = [];
  let reads = 0;
  const standstills = new Standstills({
    config: { global: {}, topic: {} },
    read: async () => {
      reads++;
      return 'record';
    },
  });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += LOOK_EVERY) {
      standstills.look(holding, { end: 10, ...queue }, (error) => told.push(error));
      await vi.advanceTimersByTimeAsync(LOOK_EVERY);
    }
  };
  return { holding, told, pass, reads: () => reads };
}

describe('a partition of which nothing comes', () => {
  it('is told of as soon as another consumer reads there, and librdkafka has nothing else to hand out', async () => {
    const { told, pass, reads } = watch({ emptyAt: () => performance.now() });
    await pass(4_000);
    expect(reads()).toBe(0);
    await pass(8_000);
    expect(reads()).toBe(1);
    expect(told).toMatchObject([{ code: 'VELO_CLIENT' }]);
  });

  it('is not suspected while what was fetched of others stands before it: a tier of a topic with a backlog', async () => {
    const began = performance.now();
    const { holding, told, pass, reads } = watch({ emptyAt: () => began });
    await pass(40_000);
    holding.last = 9;
    await pass(40_000);
    expect({ told, reads: reads() }).toEqual({ told: [], reads: 0 });
  });

  it('is looked into in the end, however much of others there is', async () => {
    const { told, pass, reads } = watch({ emptyAt: () => Number.NEGATIVE_INFINITY });
    await pass(66_000);
    expect(reads()).toBe(1);
    expect(told).toEqual([]);
    await pass(64_000);
    expect(told).toMatchObject([{ code: 'VELO_CLIENT' }]);
  });
});
