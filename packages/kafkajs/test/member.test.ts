import type { ClientBinding, TopicPartition } from '@velo/retry-core/engine';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import type { Kafka } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKafkaJsClient } from '../src/index.js';
import { kafkaOn, record, sleep, Told, unique, until } from './support.js';

let broker: EmbeddedBroker;
let kafka: Kafka;
let client: ClientBinding;
let topic: string;
let groupId: string;
let told: Told;

beforeEach(async () => {
  broker = await startEmbeddedBroker({ trackRequests: true });
  kafka = kafkaOn(broker);
  client = openKafkaJsClient(kafka);
  topic = unique('topic');
  groupId = unique('group');
  told = new Told();
  broker.createTopic(topic, { partitions: 2 });
});

afterEach(async () => {
  await client.close();
  await broker.stop();
});

const p0 = (): TopicPartition => ({ topic, partition: 0 });
const p1 = (): TopicPartition => ({ topic, partition: 1 });
/** An idle fetch is short here, since each stop waits for one. */
const join = (sink = told, options: object = { maxWaitTimeInMs: 50, heartbeatInterval: 200 }) =>
  client.join({ groupId, topics: [topic], client: options }, sink);
const write = (partition: number, ...values: string[]) =>
  client.publish(values.map((value) => record(topic, partition, value)));

/** What keeps a process alive, and what kafkajs opens. */
const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

describe('join', () => {
  it('resolves when the member has joined, and tells what it owns', async () => {
    await join();
    expect(told.assignments).toEqual([[p0(), p1()]]);
  });

  it('rejects for a missing topic, which it does not create', async () => {
    const missing = unique('topic');
    await expect(client.join({ groupId, topics: [topic, missing] }, told)).rejects.toMatchObject({ code: 3 });
    expect(await client.partitionCount(missing)).toBe(0);
    expect(told.crashes).toEqual([]);
  });

  it('rejects with the reason where kafkajs resolves though it has not joined, and leaves nothing behind', async () => {
    const before = sockets();
    const notAuthorized = 30;
    broker.pushErrors('JoinGroup', Array(5).fill(notAuthorized));
    await expect(join()).rejects.toMatchObject({ code: notAuthorized });
    await until(() => sockets() === before);
    await sleep(50);
    expect(told.crashes).toEqual([]);
    expect(told.assignments).toEqual([]);
  });

  it.each([0, 5, 20, 50])(
    'that close overtakes after %i ms rejects, and leaves no consumer behind',
    async (ms) => {
      const before = sockets();
      const joining = join();
      joining.catch(() => {});
      await sleep(ms);
      await client.close();
      await expect(joining).rejects.toMatchObject({ code: 'VELO_CLOSED' });
      await until(() => sockets() === before);
      broker.clearRequests();
      await sleep(300);
      expect(broker.requests()).toEqual([]);
    },
  );

  it('passes client options on, except for those that velo stands on', async () => {
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

describe('feeding', () => {
  it('brings the records of a partition in order, from the earliest', async () => {
    await write(0, 'a', 'b');
    await join();
    await until(() => told.all.length === 2);
    await write(0, 'c');
    await until(() => told.all.length === 3);
    expect(told.values).toEqual(['a', 'b', 'c']);
    expect(told.all.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
  });

  it('goes on after what was committed', async () => {
    await write(0, 'a', 'b', 'c');
    const first = await join();
    await until(() => told.all.length === 3);
    await first.commit([{ ...p0(), offset: 1 }]);
    await first.stop();
    const second = new Told();
    await join(second);
    await until(() => second.all.length === 2);
    expect(second.values).toEqual(['b', 'c']);
  });

  it('goes to a position that is sought', async () => {
    await write(0, 'a', 'b', 'c', 'd');
    const member = await join();
    await until(() => told.all.length === 4);
    member.seek({ ...p0(), offset: 2 });
    await until(() => told.all.length === 6);
    expect(told.values.slice(4)).toEqual(['c', 'd']);
    expect(told.jumps).toEqual([]);
  });

  it('tells of a jump when an offset is out of range', async () => {
    topic = unique('topic');
    broker.createTopic(topic, { partitions: 1 });
    await write(0, 'a', 'b');
    await join();
    await until(() => told.all.length === 2);
    broker.pushErrors('Fetch', [1]);
    await until(() => told.jumps.length === 1);
    expect(told.jumps).toEqual([p0()]);
    await until(() => told.all.length === 4);
    expect(told.values).toEqual(['a', 'b', 'a', 'b']);
  });

  it('is over with stop', async () => {
    const member = await join();
    await member.stop();
    await member.stop();
    await write(0, 'a');
    await sleep(100);
    expect(told.all).toEqual([]);
    member.pause([p0()]);
    member.resume([p0()]);
    member.seek({ ...p0(), offset: 0 });
  });
});

describe('pause', () => {
  it('holds one partition while others flow', async () => {
    const member = await join();
    member.pause([p0()]);
    await sleep(600);
    await write(0, 'a');
    await write(1, 'b', 'c');
    await until(() => told.all.length === 2);
    expect(told.values).toEqual(['b', 'c']);
    member.resume([p0()]);
    await until(() => told.all.length === 3);
    expect(told.values).toEqual(['b', 'c', 'a']);
  });

  it('of all partitions ends at once with a resume, where kafkajs sleeps for maxWaitTimeInMs', async () => {
    await write(0, 'a');
    const lateness: number[] = [];
    const member = await join(told, { maxWaitTimeInMs: 2_000, heartbeatInterval: 500 });
    const pauseAll = () => member.pause([p0(), p1()]);
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
      member.resume([p0(), p1()]);
      await until(() => told.all.length === round + 2);
      lateness.push(performance.now() - resumed);
      told.onRecords = pauseAll;
      told.all.length = round + 1;
    }
    expect(Math.max(...lateness)).toBeLessThan(500);
  });

  it('of all partitions does not keep a member from a rebalance', async () => {
    await write(0, 'a');
    const member = await join();
    told.onRecords = () => member.pause([p0(), p1()]);
    await until(() => told.all.length === 1);
    const other = new Told();
    await join(other);
    await until(() => told.assignments.length === 2);
    expect([...(told.assignments[1] ?? []), ...(other.assignments.at(-1) ?? [])]).toHaveLength(2);
  });

  it('of all partitions does not keep stop waiting', async () => {
    await write(0, 'a');
    const member = await join(told, { maxWaitTimeInMs: 4_000, heartbeatInterval: 2_000 });
    told.onRecords = () => member.pause([p0(), p1()]);
    await until(() => told.all.length === 1);
    const begin = performance.now();
    await member.stop();
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it('is forgotten when the partition leaves', async () => {
    await write(0, 'a');
    await write(1, 'a');
    const member = await join();
    await until(() => told.all.length === 2);
    member.pause([p0(), p1()]);
    const other = new Told();
    const second = await join(other);
    await until(() => told.assignments.length === 2);
    await second.stop();
    await until(() => told.assignments.length === 3);
    const [left] = other.assignments.at(-1) ?? [];
    await client.publish([record(topic, left?.partition ?? -1, 'b')]);
    await until(() => told.values.includes('b'));
  });
});

describe('commit', () => {
  it('has committed, with metadata, when it resolves', async () => {
    const member = await join();
    await write(0, 'a');
    await until(() => told.all.length === 1);
    await member.commit([
      { ...p0(), offset: 1, metadata: 'one' },
      { ...p1(), offset: 0 },
    ]);
    expect(await client.committed(groupId, [p1(), p0()])).toEqual([
      { offset: 0, metadata: '' },
      { offset: 1, metadata: 'one' },
    ]);
    await member.commit([]);
  });

  it('has committed also before the first batch, where a bare consumer may resolve and do nothing', async () => {
    const bare = kafka.consumer({ groupId: unique('group'), maxWaitTimeInMs: 100 });
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
    await member.commit([{ ...p0(), offset: 0, metadata: 'start' }]);
    expect(await client.committed(groupId, [p0()])).toEqual([{ offset: 0, metadata: 'start' }]);
  });

  it('rejects when the broker does', async () => {
    const illegalGeneration = 22;
    const member = await join();
    broker.pushErrors('OffsetCommit', [illegalGeneration]);
    await expect(member.commit([{ ...p0(), offset: 0 }])).rejects.toThrow(/generation/);
    await write(0, 'a');
    await until(() => told.all.length === 1);
    broker.pushErrors('OffsetCommit', [illegalGeneration]);
    await expect(member.commit([{ ...p0(), offset: 1 }])).rejects.toMatchObject({ code: illegalGeneration });
    expect(await client.committed(groupId, [p0()])).toEqual([{ offset: -1, metadata: '' }]);
  });

  it('that is under way when stop is called is made; later ones reject and connect no more', async () => {
    const before = sockets();
    const member = await join();
    await write(0, 'a');
    await until(() => told.all.length === 1);
    const commit = member.commit([{ ...p0(), offset: 1 }]);
    const stop = member.stop();
    await expect(member.commit([{ ...p0(), offset: 1 }])).rejects.toMatchObject({ code: 'VELO_CLIENT' });
    await Promise.all([commit, stop]);
    expect(await client.committed(groupId, [p0()])).toEqual([{ offset: 1, metadata: '' }]);
    await client.close();
    await expect(member.commit([{ ...p0(), offset: 1 }])).rejects.toMatchObject({ code: 'VELO_CLIENT' });
    await until(() => sockets() === before);
  });
});

describe('a crash', () => {
  it('is told once, and nothing is fed or left after it', async () => {
    const before = sockets();
    const member = await join();
    const notAuthorized = 29;
    broker.pushErrors('Fetch', Array(3).fill(notAuthorized));
    await until(() => told.crashes.length > 0);
    broker.clearErrors('Fetch');
    await write(0, 'a');
    await sleep(700);
    expect(told.crashes).toHaveLength(1);
    expect(told.crashes).toMatchObject([{ cause: { code: notAuthorized } }]);
    expect(told.all).toEqual([]);
    member.pause([p0()]);
    await expect(member.commit([{ ...p0(), offset: 0 }])).rejects.toMatchObject({ code: 'VELO_CLIENT' });
    await member.stop();
    await client.close();
    await until(() => sockets() === before);
  });

  it('is not told after stop', async () => {
    const member = await join();
    broker.pushErrors('Fetch', Array(3).fill(29));
    await member.stop();
    await sleep(100);
    expect(told.crashes).toEqual([]);
  });
});

describe('a rebalance', () => {
  it('is told before kafkajs joins again, while a commit still counts', async () => {
    const member = await join();
    await write(0, 'a');
    await until(() => told.all.length === 1);
    let commit: Promise<void> | undefined;
    told.onRevoking = () => {
      commit = member.commit([{ ...p0(), offset: 1 }]);
    };
    broker.pushErrors('Heartbeat', [27]);
    await until(() => told.assignments.length === 2);
    expect(told.revoked).toEqual([[p0(), p1()]]);
    await commit;
    expect(await client.committed(groupId, [p0()])).toEqual([{ offset: 1, metadata: '' }]);
  });
});

describe('two members', () => {
  it('share the partitions, and each record reaches one of them after they have settled', async () => {
    const other = new Told();
    await join();
    await join(other);
    await until(() => told.assignments.at(-1)?.length === 1 && other.assignments.at(-1)?.length === 1);
    await write(0, 'a');
    await write(1, 'b');
    await until(() => told.all.length + other.all.length === 2);
    expect([...told.values, ...other.values].sort()).toEqual(['a', 'b']);
  });
});
