import type { ClientBinding } from '@velo/retry-core/engine';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOn, record, unique } from './support.js';

let broker: EmbeddedBroker;
let client: ClientBinding;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  client = clientOn(broker);
});

afterEach(async () => {
  await client.close();
  await broker.stop();
});

const spec = (topic: string, partitions: number) => ({ topic, partitions, replicationFactor: 1 });

describe('topics', () => {
  it('counts 0 partitions of a missing topic, and creates none', async () => {
    const topic = unique('topic');
    expect(await client.partitionCount(topic)).toBe(0);
    expect(await client.partitionCount(topic)).toBe(0);
    broker.createTopic(topic, { partitions: 3 });
    expect(await client.partitionCount(topic)).toBe(3);
    expect(await client.offsets([{ topic, partition: 2 }])).toEqual([{ earliest: 0, latest: 0 }]);
  });

  it('throws where a partition is there without a leader', async () => {
    const topic = unique('topic');
    broker.createTopic(topic, { partitions: 2 });
    broker.setLeader(topic, 1, -1);
    await expect(client.partitionCount(topic)).rejects.toMatchObject({ code: 5 });
  });

  it('creates what is missing; what is there is no error', async () => {
    const [there, missing] = [unique('topic'), unique('topic')];
    broker.createTopic(there, { partitions: 2 });
    await client.createTopics([spec(there, 5), spec(missing, 3)]);
    await client.createTopics([spec(missing, 3)]);
    await client.createTopics([]);
    expect(await client.partitionCount(there)).toBe(2);
    expect(await client.partitionCount(missing)).toBe(3);
  });

  it('rejects with the cause', async () => {
    const [there, other] = [unique('topic'), unique('topic')];
    broker.createTopic(there);
    const wanted = [spec(there, 1), { ...spec(other, 1), replicationFactor: 9 }];
    await expect(client.createTopics(wanted)).rejects.toMatchObject({ code: 38 });
  });

  it('grows a topic; one that is as wide already is no error', async () => {
    const topic = unique('topic');
    broker.createTopic(topic, { partitions: 1 });
    await client.createPartitions(topic, 3);
    await client.createPartitions(topic, 3);
    await client.createPartitions(topic, 2);
    expect(await client.partitionCount(topic)).toBe(3);
  });
});

describe('offsets', () => {
  it('are told in the order asked, across topics', async () => {
    const [one, two] = [unique('topic'), unique('topic')];
    broker.createTopic(one, { partitions: 2 });
    broker.createTopic(two, { partitions: 1 });
    await client.publish([record(one, 1, 'a'), record(two, 0, 'b'), record(two, 0, 'c')]);
    const asked = [
      { topic: two, partition: 0 },
      { topic: one, partition: 1 },
      { topic: one, partition: 0 },
    ];
    expect(await client.offsets(asked)).toEqual([2, 1, 0].map((latest) => ({ earliest: 0, latest })));
    expect(await client.committed(unique('group'), asked)).toEqual(
      asked.map(() => ({ offset: -1, metadata: '' })),
    );
    expect(await client.offsets([])).toEqual([]);
    expect(await client.committed(unique('group'), [])).toEqual([]);
  });

  it('of an unknown partition reject with UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const topic = unique('topic');
    broker.createTopic(topic, { partitions: 1 });
    await expect(client.offsets([{ topic, partition: 4 }])).rejects.toMatchObject({ code: 3 });
    await expect(client.offsets([{ topic: unique('topic'), partition: 0 }])).rejects.toMatchObject({
      code: 3,
    });
    await expect(client.committed(unique('group'), [{ topic, partition: 4 }])).rejects.toMatchObject({
      code: 3,
    });
  });
});

describe('a client', () => {
  it('fails with VELO_CLOSED after close', async () => {
    await client.close();
    await client.close();
    await expect(client.partitionCount('any')).rejects.toMatchObject({ code: 'VELO_CLOSED' });
    await expect(client.committed('any', [])).rejects.toMatchObject({ code: 'VELO_CLOSED' });
  });

  it('says within a second that no broker is there, and comes back when there is one', async () => {
    const topic = unique('topic');
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
