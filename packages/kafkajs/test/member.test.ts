import { bindingTest, sleep, uniqueName, until } from '@velo/testkit/binding';
import { describe, expect } from 'vitest';
import { openKafkaJsClient } from '../src/index.js';
import { kafkajs, kafkaOn } from './support.js';

const it = bindingTest(kafkajs);

describe('join', () => {
  it('passes client options on, except for those that velo stands on', async ({
    broker,
    groupId,
    topic,
    told,
  }) => {
    const kafka = kafkaOn(broker);
    const given: object[] = [];
    const spied = openKafkaJsClient({
      admin: (config) => kafka.admin(config),
      producer: (config) => kafka.producer(config),
      consumer: (config) => {
        given.push(config);
        return kafka.consumer(config);
      },
    });
    await spied.join(
      { groupId, topics: [topic], client: { groupId: 'other', rackId: 'a', sessionTimeout: 20_000 } },
      told,
    );
    await spied.close();
    expect(given).toMatchObject([
      { groupId, rackId: 'a', sessionTimeout: 20_000, allowAutoTopicCreation: false },
    ]);
  });
});

describe('pause of all partitions', () => {
  it('ends at once with a resume, where kafkajs sleeps for maxWaitTimeInMs', async ({
    join,
    write,
    told,
    p0,
    p1,
  }) => {
    await write(0, 'a');
    const lateness: number[] = [];
    const member = await join(told, { maxWaitTimeInMs: 2_000, heartbeatInterval: 500 });
    const pauseAll = () => member.pause([p0, p1]);
    await until(() => told.all.length === 1);
    told.onRecords = pauseAll;
    for (let round = 1; round <= 3; round++) {
      await write(0, 'b');
      await until(() => told.all.length === round + 1);
      await write(1, 'c');
      await sleep(30);
      expect(told.all.length).toBe(round + 1);
      told.onRecords = () => {};
      const resumed = performance.now();
      member.resume([p0, p1]);
      await until(() => told.all.length === round + 2);
      lateness.push(performance.now() - resumed);
      told.onRecords = pauseAll;
      told.all.length = round + 1;
    }
    expect(Math.max(...lateness)).toBeLessThan(500);
  });

  it('does not keep stop waiting', async ({ join, write, told, p0, p1 }) => {
    await write(0, 'a');
    const member = await join(told, { maxWaitTimeInMs: 4_000, heartbeatInterval: 2_000 });
    told.onRecords = () => member.pause([p0, p1]);
    await until(() => told.all.length === 1);
    const begin = performance.now();
    await member.stop();
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});

describe('commit before the first batch', () => {
  it('has committed when it resolves, where a bare consumer may resolve and do nothing', async ({
    broker,
    client,
    groupId,
    topic,
    join,
    p0,
  }) => {
    const bare = kafkaOn(broker).consumer({ groupId: uniqueName('group'), maxWaitTimeInMs: 100 });
    let bareCommit: Promise<void> | undefined;
    bare.on(bare.events.GROUP_JOIN, () => {
      bareCommit = bare.commitOffsets([{ topic, partition: 0, offset: '1' }]);
    });
    let bareCommits = 0;
    bare.on(bare.events.COMMIT_OFFSETS, () => bareCommits++);
    await bare.subscribe({ topics: [topic] });
    await bare.run({ autoCommit: false, eachBatch: async () => {} });
    await expect(bareCommit).resolves.toBeUndefined();
    expect(bareCommits).toBe(0);
    await bare.disconnect();

    const member = await join();
    await member.commit([{ ...p0, offset: 0, metadata: 'start' }]);
    expect(await client.committed(groupId, [p0])).toEqual([{ offset: 0, metadata: 'start' }]);
  });

  it('rejects when the broker does', async ({ broker, client, groupId, join, p0 }) => {
    const illegalGeneration = 22;
    const member = await join();
    broker.pushErrors('OffsetCommit', [illegalGeneration]);
    await expect(member.commit([{ ...p0, offset: 0 }])).rejects.toThrow(/generation/);
    expect(await client.committed(groupId, [p0])).toEqual([{ offset: -1, metadata: '' }]);
  });
});

describe('commit after a crash', () => {
  it('rejects', async ({ broker, join, told, p0 }) => {
    const notAuthorized = 29;
    const member = await join();
    broker.pushErrors('Fetch', Array(3).fill(notAuthorized));
    await until(() => told.crashes.length > 0);
    await expect(member.commit([{ ...p0, offset: 0 }])).rejects.toMatchObject({ code: 'VELO_CLIENT' });
  });
});
