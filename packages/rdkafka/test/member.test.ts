import { bindingTest, sleep, Told, uniqueName, until } from '@velo/testkit/binding';
import library from 'node-rdkafka';
import { describe, expect, vi } from 'vitest';
import { openRdKafkaClient } from '../src/index.js';
import { called, rdkafka } from './support.js';

const it = bindingTest(rdkafka);

describe('join', () => {
  it('resolves also for a member that gets nothing', async ({ join }) => {
    await join();
    await join(new Told());
    const third = new Told();
    await join(third);
    expect(third.assignments.length).toBeGreaterThan(0);
  });

  it('rejects for a missing topic by its name', async ({ client, groupId, topic, told }) => {
    const missing = uniqueName('topic');
    const joining = client.join({ groupId, topics: [topic, missing] }, told);
    await expect(joining).rejects.toMatchObject({ code: 3, message: expect.stringContaining(missing) });
  });

  it('gets the producer ready, so that the first record written waits for no id', async ({
    broker,
    join,
  }) => {
    await join();
    await until(() => broker.requests().some(({ request }) => request === 'InitProducerId'));
  });

  it('says within a second that no broker is there', async ({ broker, join }) => {
    broker.brokerDown(1);
    const begin = performance.now();
    await expect(join()).rejects.toMatchObject({ code: -195 });
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it('rejects properties that librdkafka does not know', async ({ told, join }) => {
    const joining = join(told, { 'session.timeout': 1 });
    await expect(joining).rejects.toMatchObject({
      code: 'VELO_INVALID_OPTION',
      message: expect.stringContaining('session.timeout'),
    });
  });

  it('passes client properties on, except for those that velo stands on', async ({
    broker,
    groupId,
    topic,
    told,
  }) => {
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

describe('pause', () => {
  it('of all partitions ends at once with a resume, where bare node-rdkafka sleeps for up to a second', async ({
    told,
    join,
    write,
    p0,
    p1,
  }) => {
    const member = await join(told, { 'fetch.wait.max.ms': 50 });
    const lateness: number[] = [];
    for (let round = 0; round < 5; round++) {
      member.pause([p0, p1]);
      await write(0, ...Array.from({ length: 1_500 }, () => 'kept'));
      await sleep(300);
      const before = told.all.length;
      member.resume([p0, p1]);
      const resumed = performance.now();
      await until(() => told.all.length === before + 1_500);
      lateness.push(performance.now() - resumed);
    }
    expect(Math.max(...lateness)).toBeLessThan(300);
  });
});

describe('a crash', () => {
  it('is not told of brokers that are away: the member comes back by itself', async ({
    broker,
    told,
    join,
    write,
  }) => {
    await join();
    broker.brokerDown(1);
    await sleep(500);
    broker.brokerUp(1);
    await write(0, 'a');
    await until(() => told.values.includes('a'));
    expect(told.crashes).toEqual([]);
  });

  it('is told of a topic that is deleted, by its name', async ({ broker, topic, told, join }) => {
    await join();
    const bare = library.AdminClient.create({ 'bootstrap.servers': broker.bootstrapServers });
    await called((callback) => bare.deleteTopic(topic, 1_000, callback as never));
    bare.disconnect();
    await until(() => told.crashes.length > 0);
    expect(told.crashes).toMatchObject([{ code: 3, message: expect.stringContaining(topic) }]);
  });
});

describe.for(Object.entries(rdkafka.assignors))('two members (%s)', ([, options]) => {
  const settled = (...members: Told[]) =>
    until(() => members.every(({ assignments }) => assignments.at(-1)?.length === 1));

  it('hand a partition over after a last commit, so nothing comes twice', async ({
    told,
    join,
    write,
    p0,
    p1,
  }) => {
    const member = await join(told, options);
    await write(0, 'a');
    await write(1, 'a');
    await until(() => told.all.length === 2);
    told.revoking = async (partitions) => {
      told.revoked.push(partitions);
      await sleep(50);
      await member.commit([p0, p1].map((partition) => ({ ...partition, offset: 1 })));
    };
    const other = new Told();
    await join(other, options);
    await settled(told, other);
    expect(told.revoked.length).toBeGreaterThanOrEqual(1);
    await sleep(200);
    expect(other.all).toEqual([]);
    expect(told.all).toHaveLength(2);
  });

  it('lose a rebalance to no handler that throws or never ends', async ({ told, join }) => {
    told.revoking = () => Promise.reject(new Error('a sink that breaks its promise'));
    const first = await join(told, options);
    const other = new Told();
    await join(other, options);
    await settled(told, other);
    await first.stop();
  });
});

describe('a member that its group no longer knows', () => {
  const unknownMember = 25;
  // The group waits for so long for the one that it knew.
  const options = { 'session.timeout.ms': 1_000 };

  it('is told of the loss, and joins again: nobody waits for its handlers', async ({
    broker,
    told,
    join,
  }) => {
    await join(told, options);
    told.revoking = () => new Promise(() => {});
    broker.pushErrors('Heartbeat', [unknownMember]);
    await until(() => told.assignments.length >= 2);
    expect([told.losses, told.assignments.map(({ length }) => length)]).toEqual([1, [2, 2]]);
  });

  it('lets go also when it hears of it while its handlers end', async ({ broker, told, join, p0 }) => {
    const member = await join(told, options);
    told.revoking = () => {
      broker.pushErrors('OffsetCommit', [unknownMember]);
      member.commit([{ ...p0, offset: 0 }]).catch(() => {});
      return new Promise(() => {});
    };
    await join(new Told(), options);
    await until(() => told.assignments.length >= 2);
    expect([told.losses, told.assignments.slice(0, 2).map(({ length }) => length)]).toEqual([1, [2, 1]]);
  });
});

describe('an eager rebalance', () => {
  it('sends no commit between revocation and assignment: it would throw the member out again', async ({
    told,
    join,
    p0,
  }) => {
    const member = await join();
    const outcomes: unknown[] = [];
    told.revoking = async () => {
      void (async () => {
        while (told.assignments.length === 1) {
          const commit = member.commit([{ ...p0, offset: 0 }]);
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

  it('tells of no empty assignment between revocation and assignment', async ({ told, join }) => {
    await join();
    const other = new Told();
    await join(other);
    await until(() => told.assignments.at(-1)?.length === 1);
    // A broker may rebalance once more than it must.
    expect(told.assignments.filter(({ length }) => length === 0)).toEqual([]);
  });
});

describe.for(Object.entries(rdkafka.assignors))('close, in the middle of a rebalance (%s)', ([, options]) => {
  // While librdkafka disconnects, it waits for some answers to rebalances, and any other blocks the event loop for ever.
  it.for([0, 30, 60, 90, 120, 150, 180, 220, 260, 300])(
    '%i ms after a second member has joined, waits for no disconnect that does not come back',
    async (ms, { client, told, join }) => {
      await join(told, options);
      await join(new Told(), options);
      await sleep(ms);
      const begin = performance.now();
      await client.close();
      expect(performance.now() - begin).toBeLessThan(3_000);
    },
  );
});

describe('max.poll.interval.ms', () => {
  it('that passes costs the partitions, and the member joins again by itself', async ({
    told,
    join,
    p0,
    write,
  }) => {
    await write(0, 'a');
    const options = { 'session.timeout.ms': 1_000, 'max.poll.interval.ms': 1_000 };
    const member = await join(told, options);
    await until(() => told.all.length === 1);
    const end = Date.now() + 2_500;
    while (Date.now() < end); // a handler that blocks the event loop
    await until(() => told.assignments.length >= 2);
    expect([told.losses, told.assignments.slice(0, 2).map(({ length }) => length)]).toEqual([1, [2, 2]]);
    expect(told.revoked).toEqual([]);
    await until(() => told.all.length === 2);
    expect(told.values).toEqual(['a', 'a']);
    expect(told.crashes).toEqual([]);
    await member.commit([{ ...p0, offset: 1 }]);
  });
});

describe('a group.instance.id that another member has taken', () => {
  const FENCED = 82;
  const pod = { 'group.instance.id': 'pod-1' };
  const fenced = {
    code: FENCED,
    message: expect.stringMatching(/group\.instance\.id, "pod-1".*nothing is lost/s),
  };

  it('ends the member, also where records came with the news', async ({ broker, join, told, write }) => {
    await join(told, pod);
    let fed = 0;
    // Records without a pause: bare node-rdkafka drops an error that stands behind them.
    while (told.crashes.length === 0 && fed < 200) {
      if (fed++ === 20) broker.pushErrors('Heartbeat', [FENCED]);
      await write(fed % 2, ...Array.from({ length: 200 }, () => 'a'));
    }
    await until(() => told.crashes.length > 0);
    expect(told.crashes).toMatchObject([fenced]);
  });

  it('ends the member that hears of it by a commit', async ({ broker, join, told, p0 }) => {
    const member = await join(told, { ...pod, 'heartbeat.interval.ms': 1_400 });
    broker.pushErrors('OffsetCommit', [FENCED]);
    const begin = performance.now();
    await expect(member.commit([{ ...p0, offset: 1 }])).rejects.toMatchObject({ code: FENCED });
    await until(() => told.crashes.length > 0);
    expect(performance.now() - begin).toBeLessThan(500);
    expect(told.crashes).toMatchObject([fenced]);
    await member.stop();
  });

  it('rejects the join', async ({ broker, join, told }) => {
    broker.pushErrors('JoinGroup', Array(3).fill(FENCED));
    await expect(join(told, pod)).rejects.toMatchObject(fenced);
    expect(told.crashes).toEqual([]);
  });
});

describe('rights that are taken away', () => {
  it('are noticed also where node-rdkafka drops the error, as behind messages in one call', async ({
    broker,
    groupId,
    topic,
    told,
  }) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    class Deaf extends library.KafkaConsumer {
      override consume(...args: unknown[]): void {
        const [limit, callback] = args as [number, (error: unknown, messages: unknown[]) => void];
        super.consume(limit, (_error: unknown, messages: unknown) => callback(null, (messages ?? []) as []));
      }
    }
    const deaf = openRdKafkaClient(
      { ...library, KafkaConsumer: Deaf as never },
      { 'bootstrap.servers': broker.bootstrapServers },
    );
    try {
      await deaf.join({ groupId, topics: [topic] }, told);
      broker.setTopicError(topic, 29);
      await sleep(1_000);
      expect(told.crashes).toEqual([]);
      vi.advanceTimersByTime(30_000);
      await until(() => told.crashes.length > 0);
      expect(told.crashes).toMatchObject([{ code: 29 }]);
    } finally {
      vi.useRealTimers();
      await deaf.close();
    }
  });
});
