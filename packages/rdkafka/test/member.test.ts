import type { ClientBinding, TopicPartition } from '@velo/retry-core/engine';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import library from 'node-rdkafka';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRdKafkaClient } from '../src/index.js';
import { called, clientOn, record, sleep, Told, unique, until } from './support.js';

let broker: EmbeddedBroker;
let client: ClientBinding;
let topic: string;
let groupId: string;
let told: Told;

beforeEach(async () => {
  broker = await startEmbeddedBroker({ trackRequests: true });
  client = clientOn(broker);
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
const QUICK = { 'heartbeat.interval.ms': 100 };
const join = (sink = told, options: object = QUICK) =>
  client.join({ groupId, topics: [topic], client: options }, sink);
const write = (partition: number, ...values: string[]) =>
  client.publish(values.map((value) => record(topic, partition, value)));

describe('join', () => {
  it('resolves when the member has joined, and tells what it owns', async () => {
    await join();
    expect(told.assignments).toEqual([[p0(), p1()]]);
  });

  it('resolves also for a member that gets nothing', async () => {
    await join();
    await join(new Told());
    const third = new Told();
    await join(third);
    expect(third.assignments.length).toBeGreaterThan(0);
  });

  it('rejects for a missing topic, which it names and does not create', async () => {
    const missing = unique('topic');
    const joining = client.join({ groupId, topics: [topic, missing] }, told);
    await expect(joining).rejects.toMatchObject({ code: 3, message: expect.stringContaining(missing) });
    expect(await client.partitionCount(missing)).toBe(0);
    expect(told.crashes).toEqual([]);
  });

  it('rejects with the reason where bare node-rdkafka reports it once and is silent then', async () => {
    const notAuthorized = 30;
    broker.pushErrors('JoinGroup', Array(5).fill(notAuthorized));
    await expect(join()).rejects.toMatchObject({ code: notAuthorized });
    await sleep(50);
    expect(told.crashes).toEqual([]);
    expect(told.assignments).toEqual([]);
  });

  it.each([0, 5, 50, 70, 100])('that close overtakes after %i ms rejects', async (ms) => {
    const joining = join();
    joining.catch(() => {});
    await sleep(ms);
    const closing = client.close();
    await joining.then(
      () => {},
      (error: unknown) => expect(error).toMatchObject({ code: 'VELO_CLOSED' }),
    );
    await closing;
    broker.clearRequests();
    await sleep(300);
    expect(broker.requests()).toEqual([]);
  });

  it('says within a second that no broker is there', async () => {
    broker.brokerDown(1);
    const begin = performance.now();
    await expect(join()).rejects.toMatchObject({ code: -195 });
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it('rejects properties that librdkafka does not know', async () => {
    const joining = join(told, { 'session.timeout': 1 });
    await expect(joining).rejects.toMatchObject({
      code: 'VELO_INVALID_OPTION',
      message: expect.stringContaining('session.timeout'),
    });
  });

  it('passes client properties on, except for those that velo stands on', async () => {
    const given: Record<string, unknown>[] = [];
    class Spied extends library.KafkaConsumer {
      constructor(global: object, topicConfig: object) {
        super(global as never, topicConfig as never);
        given.push({ ...global, ...topicConfig });
      }
    }
    const spied = openRdKafkaClient(
      { ...library, KafkaConsumer: Spied as never },
      { 'bootstrap.servers': broker.bootstrapServers, 'client.id': 'mine', acks: 1 },
    );
    const options = { 'group.id': 'other', 'session.timeout.ms': 20_000, 'enable.auto.commit': true };
    await spied.join({ groupId, topics: [topic], client: options }, told);
    await spied.close();
    expect(given.at(-1)).toMatchObject({
      'group.id': groupId,
      'client.id': 'mine',
      'session.timeout.ms': 20_000,
      'enable.auto.commit': false,
      'auto.offset.reset': 'earliest',
    });
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

  it.each(['back', 'forward', 'as soon as it is assigned'])(
    'goes to a position that is sought: %s',
    async (how) => {
      await write(0, ...Array.from({ length: 20 }, (_, i) => String(i)));
      const early = how === 'as soon as it is assigned';
      const member = await join();
      if (!early) await until(() => told.all.length === 20);
      if (how === 'forward') await write(0, ...Array.from({ length: 20 }, (_, i) => String(20 + i)));
      const before = told.all.length;
      const offset = how === 'back' ? 2 : early ? 15 : 35;
      member.seek({ ...p0(), offset });
      const end = how === 'forward' ? 40 : 20;
      await until(
        () => told.all.at(-1)?.offset === String(end - 1) && told.all.length >= before + end - offset,
      );
      const after = told.values.slice(told.values.lastIndexOf(String(offset)));
      expect(after).toEqual(Array.from({ length: end - offset }, (_, i) => String(offset + i)));
      // What was on its way before the seek is older than what was sought, or was brought before it.
      expect(told.values.slice(before, told.values.lastIndexOf(String(offset)))).toEqual([]);
      expect(told.jumps).toEqual([]);
    },
  );

  it('tells of a jump when an offset is out of range, where bare node-rdkafka jumps silently', async () => {
    await write(0, 'a', 'b');
    await join();
    await until(() => told.all.length === 2);
    broker.pushErrors('Fetch', [1]);
    await until(() => told.jumps.length === 1 && told.all.length === 4);
    expect(told.jumps).toEqual([p0()]);
    expect(told.values).toEqual(['a', 'b', 'a', 'b']);
  });

  it('holds no record back while it waits for more, where bare node-rdkafka waits for a full batch', async () => {
    await join();
    const late: number[] = [];
    told.onRecords = (_topic, _partition, records) => {
      for (const { value } of records) late.push(Date.now() - Number(value));
    };
    for (let i = 0; i < 20; i++) {
      await write(0, String(Date.now()));
      await sleep(20);
    }
    await until(() => late.length === 20);
    expect(late.sort((a, b) => a - b)[10]).toBeLessThan(100);
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

  it('is over with stop also in the middle of a flood', async () => {
    await write(0, ...Array.from({ length: 5_000 }, (_, i) => String(i)));
    const member = await join();
    await until(() => told.all.length > 0);
    await member.stop();
    const before = told.all.length;
    await sleep(50);
    expect(told.all.length).toBe(before);
  });
});

describe('pause', () => {
  it('holds one partition while others flow', async () => {
    const member = await join();
    member.pause([p0()]);
    await write(0, 'a');
    await write(1, 'b', 'c');
    await until(() => told.all.length === 2);
    await sleep(50);
    expect(told.values).toEqual(['b', 'c']);
    member.resume([p0()]);
    await until(() => told.all.length === 3);
    expect(told.values).toEqual(['b', 'c', 'a']);
  });

  it('keeps little of what is fetched meanwhile, and loses none of it', async () => {
    const member = await join();
    member.pause([p0()]);
    const all = Array.from({ length: 12_000 }, (_, i) => String(i));
    for (let i = 0; i < all.length; i += 2_000) await write(0, ...all.slice(i, i + 2_000));
    await write(1, 'other');
    await until(() => told.values.includes('other'));
    await sleep(200);
    expect(told.all.length).toBe(1);
    told.all.length = 0;
    member.resume([p0()]);
    // No more than was kept comes at once: the rest is fetched anew.
    expect(told.all.length).toBeLessThanOrEqual(2_000);
    await until(() => told.all.length === all.length);
    expect(told.values).toEqual(all);
  });

  it('of all partitions ends at once with a resume, where bare node-rdkafka sleeps for up to a second', async () => {
    const member = await join(told, { ...QUICK, 'fetch.wait.max.ms': 50 });
    const lateness: number[] = [];
    for (let round = 0; round < 5; round++) {
      member.pause([p0(), p1()]);
      await write(0, ...Array.from({ length: 1_500 }, () => 'kept'));
      await sleep(300);
      const before = told.all.length;
      member.resume([p0(), p1()]);
      const resumed = performance.now();
      await until(() => told.all.length === before + 1_500);
      lateness.push(performance.now() - resumed);
    }
    expect(Math.max(...lateness)).toBeLessThan(300);
  });

  it('of all partitions does not keep a member from a rebalance', async () => {
    await write(0, 'a');
    const member = await join();
    told.onRecords = () => member.pause([p0(), p1()]);
    await until(() => told.all.length === 1);
    const other = new Told();
    await join(other);
    await until(() => told.assignments.at(-1)?.length === 1 && other.assignments.at(-1)?.length === 1);
  });

  it('is forgotten when the partition leaves', async () => {
    await write(0, 'a');
    await write(1, 'a');
    const member = await join();
    await until(() => told.all.length === 2);
    member.pause([p0(), p1()]);
    await write(0, ...Array.from({ length: 3_000 }, () => 'x'));
    await write(1, ...Array.from({ length: 3_000 }, () => 'x'));
    const other = new Told();
    const second = await join(other);
    await until(() => told.assignments.at(-1)?.length === 1);
    await second.stop();
    await until(() => told.assignments.at(-1)?.length === 2);
    const [left] = other.assignments.at(-1) ?? [];
    await client.publish([record(topic, left?.partition ?? -1, 'b')]);
    await until(() => told.values.includes('b'));
  });
});

describe('commit', () => {
  it('has committed when it resolves', async () => {
    const member = await join();
    await write(0, 'a');
    await until(() => told.all.length === 1);
    await member.commit([
      { ...p0(), offset: 1 },
      { ...p1(), offset: 0 },
    ]);
    expect(await client.committed(groupId, [p1(), p0()])).toEqual([
      { offset: 0, metadata: '' },
      { offset: 1, metadata: '' },
    ]);
    await member.commit([]);
  });

  it('has committed also before the first record', async () => {
    const member = await join();
    await member.commit([{ ...p0(), offset: 0 }]);
    expect(await client.committed(groupId, [p0()])).toEqual([{ offset: 0, metadata: '' }]);
  });

  it('tells commits apart that are under way together', async () => {
    const member = await join();
    const invalidSize = 28;
    broker.pushErrors('OffsetCommit', [0, invalidSize]);
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((offset) => member.commit([{ ...p0(), offset }])),
    );
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: invalidSize } },
      { status: 'fulfilled' },
    ]);
  });

  it('rejects when the broker does', async () => {
    const illegalGeneration = 22;
    const member = await join();
    broker.pushErrors('OffsetCommit', [illegalGeneration]);
    await expect(member.commit([{ ...p0(), offset: 0 }])).rejects.toMatchObject({ code: illegalGeneration });
    expect(await client.committed(groupId, [p0()])).toEqual([{ offset: -1, metadata: '' }]);
    expect(told.crashes).toEqual([]);
  });

  it('that is under way when stop is called is made; later ones reject', async () => {
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
  });
});

describe('a crash', () => {
  it('is told once, and nothing is fed after it', async () => {
    const member = await join();
    const notAuthorized = 29;
    broker.pushErrors('Fetch', Array(3).fill(notAuthorized));
    await until(() => told.crashes.length > 0);
    broker.clearErrors('Fetch');
    await write(0, 'a');
    await sleep(300);
    expect(told.crashes).toMatchObject([{ code: notAuthorized }]);
    expect(told.all).toEqual([]);
    await member.stop();
  });

  it('is not told after stop', async () => {
    const member = await join();
    broker.pushErrors('Fetch', Array(3).fill(29));
    await member.stop();
    await sleep(100);
    expect(told.crashes).toEqual([]);
  });

  it('is not told of brokers that are away: the member comes back by itself', async () => {
    await join();
    broker.brokerDown(1);
    await sleep(500);
    broker.brokerUp(1);
    await write(0, 'a');
    await until(() => told.values.includes('a'));
    expect(told.crashes).toEqual([]);
  });

  it('is told of a topic that is deleted, by its name', async () => {
    await join();
    const bare = library.AdminClient.create({ 'bootstrap.servers': broker.bootstrapServers });
    await called((callback) => bare.deleteTopic(topic, 1_000, callback as never));
    bare.disconnect();
    await until(() => told.crashes.length > 0);
    expect(told.crashes).toMatchObject([{ code: 3, message: expect.stringContaining(topic) }]);
  });
});

describe.each(['range,roundrobin', 'cooperative-sticky'])('two members (%s)', (strategy) => {
  const options = { ...QUICK, 'partition.assignment.strategy': strategy };
  const settled = (other: Told) =>
    until(() => told.assignments.at(-1)?.length === 1 && other.assignments.at(-1)?.length === 1);

  it('share the partitions, and each record reaches one of them', async () => {
    const other = new Told();
    await join(told, options);
    await join(other, options);
    await settled(other);
    await write(0, 'a');
    await write(1, 'b');
    await until(() => told.all.length + other.all.length === 2);
    expect([...told.values, ...other.values].sort()).toEqual(['a', 'b']);
  });

  it('hand a partition over after a last commit, so nothing comes twice', async () => {
    const member = await join(told, options);
    await write(0, 'a');
    await write(1, 'a');
    await until(() => told.all.length === 2);
    told.revoking = async (partitions) => {
      told.revoked.push(partitions);
      await sleep(50);
      await member.commit([p0(), p1()].map((partition) => ({ ...partition, offset: 1 })));
    };
    const other = new Told();
    await join(other, options);
    await settled(other);
    expect(told.revoked.length).toBeGreaterThanOrEqual(1);
    await sleep(200);
    expect(other.all).toEqual([]);
    expect(told.all).toHaveLength(2);
  });

  it('take over at once what one leaves behind by stopping', async () => {
    const other = new Told();
    const first = await join(told, options);
    await join(other, options);
    await settled(other);
    const begin = performance.now();
    await first.stop();
    await until(() => other.assignments.at(-1)?.length === 2);
    expect(performance.now() - begin).toBeLessThan(3_000);
  });

  it('lose a rebalance to no handler that throws or never ends', async () => {
    told.revoking = () => Promise.reject(new Error('a sink that breaks its promise'));
    const first = await join(told, options);
    const other = new Told();
    await join(other, options);
    await settled(other);
    await first.stop();
  });
});

describe('a member that its group no longer knows', () => {
  const unknownMember = 25;
  // The group waits for so long for the one that it knew.
  const options = { ...QUICK, 'session.timeout.ms': 1_000 };

  it('owns nothing at once, and joins again: nobody waits for its handlers', async () => {
    await join(told, options);
    told.revoking = () => new Promise(() => {});
    broker.pushErrors('Heartbeat', [unknownMember]);
    await until(() => told.assignments.length >= 3);
    expect(told.assignments.slice(0, 3).map(({ length }) => length)).toEqual([2, 0, 2]);
  });

  it('lets go also when it hears of it while its handlers end', async () => {
    const member = await join(told, options);
    told.revoking = () => {
      broker.pushErrors('OffsetCommit', [unknownMember]);
      member.commit([{ ...p0(), offset: 0 }]).catch(() => {});
      return new Promise(() => {});
    };
    await join(new Told(), options);
    await until(() => told.assignments.length >= 3);
    expect(told.assignments.slice(0, 3).map(({ length }) => length)).toEqual([2, 0, 1]);
  });
});

describe('an eager rebalance', () => {
  it('sends no commit between revocation and assignment: it would throw the member out again', async () => {
    const member = await join();
    const outcomes: unknown[] = [];
    told.revoking = async () => {
      void (async () => {
        while (told.assignments.length === 1) {
          const commit = member.commit([{ ...p0(), offset: 0 }]);
          outcomes.push(await commit.catch((error: { code: unknown }) => error.code));
          await sleep(1);
        }
      })();
    };
    await join(new Told());
    await until(() => told.assignments.length >= 2);
    expect(outcomes).toContain('VELO_CLIENT');
    expect(new Set(outcomes)).toEqual(new Set([undefined, 'VELO_CLIENT']));
  });

  it('tells of no empty assignment between revocation and assignment', async () => {
    await join();
    const other = new Told();
    await join(other);
    await until(() => told.assignments.at(-1)?.length === 1);
    // A broker may rebalance once more than it must.
    expect(told.assignments.filter(({ length }) => length === 0)).toEqual([]);
  });
});

describe('max.poll.interval.ms', () => {
  it('that passes costs the partitions, and the member joins again by itself', async () => {
    await write(0, 'a');
    const options = { ...QUICK, 'session.timeout.ms': 1_000, 'max.poll.interval.ms': 1_000 };
    const member = await join(told, options);
    await until(() => told.all.length === 1);
    const end = Date.now() + 2_500;
    while (Date.now() < end); // a handler that blocks the event loop
    await until(() => told.assignments.length >= 3);
    expect(told.assignments.slice(0, 3).map(({ length }) => length)).toEqual([2, 0, 2]);
    expect(told.revoked).toEqual([]);
    await until(() => told.all.length === 2);
    expect(told.values).toEqual(['a', 'a']);
    expect(told.crashes).toEqual([]);
    await member.commit([{ ...p0(), offset: 1 }]);
  });
});
