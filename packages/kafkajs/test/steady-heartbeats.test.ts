import { bindingTest, sleep } from '@velo/testkit/binding';
import { afterEach, describe, expect, vi } from 'vitest';
import { kafkajs, kafkaOn } from './support.js';

const it = bindingTest(kafkajs);

const HOUR = 3_600_000;
const EVERY = 100;
const LOOKED_FOR = 1_500;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('heartbeats', () => {
  it('go on while the wall clock is set back, where a bare consumer sends none', async ({
    broker,
    groupId,
    join,
    topic,
  }) => {
    const heartbeats = async () => {
      broker.clearRequests();
      await sleep(LOOKED_FOR);
      return broker.requests().filter(({ request }) => request === 'Heartbeat').length;
    };
    const setBack = () => {
      const now = Date.now.bind(Date);
      vi.spyOn(Date, 'now').mockImplementation(() => now() - HOUR);
    };
    const options = { ...kafkajs.quick, heartbeatInterval: EVERY, sessionTimeout: 20_000 };
    const bare = kafkaOn(broker).consumer({ ...options, groupId: `${groupId}-bare` });
    await bare.connect();
    await bare.subscribe({ topics: [topic] });
    await bare.run({ eachMessage: async () => {} });
    await sleep(EVERY);
    setBack();
    expect(await heartbeats()).toBe(0);
    vi.restoreAllMocks();
    await bare.disconnect();

    await join(undefined, options);
    const before = await heartbeats();
    setBack();
    const after = await heartbeats();
    for (const count of [before, after]) {
      expect(count).toBeGreaterThan(2);
      // No more than asked for, though kafkajs could send one with each fetch.
      expect(count).toBeLessThanOrEqual(LOOKED_FOR / EVERY + 1);
    }
  });

  it('as rare as a session is long are refused, as by kafkajs', async ({ join }) => {
    await expect(join(undefined, { heartbeatInterval: 2_000, sessionTimeout: 1_000 })).rejects.toThrow(
      'heartbeatInterval (2000) must be lower than sessionTimeout (1000)',
    );
  });
});
