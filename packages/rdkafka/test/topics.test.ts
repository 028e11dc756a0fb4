import { bindingTest, uniqueName } from '@velo/testkit/binding';
import { describe, expect } from 'vitest';
import { rdkafka } from './support.js';

const it = bindingTest(rdkafka);

describe('partitionCount', () => {
  it('counts a partition without a leader, and names it', async ({ broker, client }) => {
    const topic = uniqueName('topic');
    broker.createTopic(topic, { partitions: 2 });
    expect(await client.leaderless(topic)).toEqual([]);
    broker.setLeader(topic, 1, -1);
    expect(await client.partitionCount(topic)).toBe(2);
    expect(await client.leaderless(topic)).toEqual([1]);
    broker.setLeader(topic, 0, -1);
    expect(await client.partitionCount(topic)).toBe(2);
    expect(await client.leaderless(topic)).toEqual([0, 1]);
    expect(await client.leaderless(uniqueName('missing'))).toEqual([]);
  });

  it('says within a second that no broker is there, and comes back when there is one', async ({
    broker,
    client,
  }) => {
    const topic = uniqueName('topic');
    broker.createTopic(topic, { partitions: 1 });
    broker.brokerDown(1);
    const begin = performance.now();
    await expect(client.partitionCount(topic)).rejects.toMatchObject({
      code: -195,
      message: expect.stringMatching(/refused/),
    });
    await expect(client.partitionCount(topic)).rejects.toMatchObject({ code: -195 });
    expect(performance.now() - begin).toBeLessThan(2_000);
    broker.brokerUp(1);
    await expect.poll(() => client.partitionCount(topic).catch(() => 0), { timeout: 5_000 }).toBe(1);
  });
});
