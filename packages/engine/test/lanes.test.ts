import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding, CommittedOffset, GroupMember, PartitionOffset } from '../src/binding/binding.js';
import type { TopicPartition } from '../src/binding/record.js';
import { Lanes } from '../src/lanes/lanes.js';
import { planConsumer } from '../src/plan/plan.js';
import { Subscription } from '../src/plan/subscription.js';
import { gate, hostInTest, recordsFrom } from './support/lane-in-test.js';
import { settle } from './support/virtual-clock.js';

const p = (partition: number): TopicPartition => ({ topic: 'orders', partition });
const NOTHING: CommittedOffset = { offset: -1, metadata: '' };

interface Told {
  commits: (readonly PartitionOffset[])[];
  seeks: PartitionOffset[];
  paused: (readonly TopicPartition[])[];
  resumed: (readonly TopicPartition[])[];
}

/** Notes what it is told. */
function memberInTest(): GroupMember & Told {
  const told: Told = { commits: [], seeks: [], paused: [], resumed: [] };
  return {
    ...told,
    pause: (partitions) => told.paused.push(partitions.map(({ partition }) => p(partition))),
    resume: (partitions) => told.resumed.push(partitions.map(({ partition }) => p(partition))),
    seek: (position) => told.seeks.push(position),
    commit: async (offsets) => void told.commits.push(offsets),
    stop: async () => {},
    transactions: undefined,
    contact: () => ({ sinceAnswer: 0, overdue: [] }),
  };
}

/** Lanes of `orders`, whose log holds 100 records a partition, from 10 on; nothing is committed. */
function lanesInTest(setup: Parameters<typeof hostInTest>[0] = {}) {
  const { calls, handler } = gate();
  const { host, clock, told } = hostInTest(setup);
  const committed = new Map<number, CommittedOffset>();
  const answer = { committed: async () => {}, offsets: async (_partition: number) => {}, goOn: true };
  const settled: (readonly TopicPartition[])[] = [];
  const prepared: (readonly TopicPartition[])[] = [];
  const failed: number[] = [];
  const client = {
    capabilities: { binaryHeaders: true, nullHeaders: true, gzip: true, offsetMetadata: true },
    partitionCount: async () => 2,
    offsets: (partitions: readonly TopicPartition[]) =>
      partitions.map(async ({ partition }) => {
        await answer.offsets(partition);
        return { earliest: 10, latest: 110 };
      }),
    committed: async (_: string, partitions: readonly TopicPartition[]) => {
      const now = partitions.map(({ partition }) => committed.get(partition) ?? NOTHING);
      await answer.committed();
      return now;
    },
  } as unknown as ClientBinding;
  const plan = planConsumer({ groupId: 'billing', topics: ['orders'], startFrom: 'latest', handler }, 0);
  const lanes = new Lanes({
    inherit: async () => new Map(),
    plan,
    subscription: new Subscription(plan),
    client,
    host,
    prepare: async (partitions) => {
      prepared.push(partitions);
      return [];
    },
    onScattered: () => {},
    onSettled: (partitions) => settled.push(partitions),
    onSettleFailed: (_partitions, _error, delay) => {
      failed.push(delay);
      return answer.goOn;
    },
  });
  const member = memberInTest();
  return { lanes, member, calls, clock, committed, answer, settled, prepared, failed, told };
}

let test: ReturnType<typeof lanesInTest>;
beforeEach(() => {
  test = lanesInTest();
});

/** Calls that wait until the test lets them pass, in order. */
function turnstile() {
  const waiting: (() => void)[] = [];
  return {
    pass: (i: number) => waiting[i]?.(),
    wait: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
}

describe('the member', () => {
  it('is there from its joining until it has gone; without one, commits fail with a code', async () => {
    const { lanes, member } = test;
    const code = () => {
      try {
        return lanes.member;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code()).toBe('VELO_CLIENT');
    lanes.use(Promise.resolve(member));
    await settle();
    expect(lanes.member).toBe(member);
    lanes.suspend();
    expect(code()).toBe('VELO_CLIENT');
  });

  it('that joins late, after another one, is not used', async () => {
    const { lanes, member } = test;
    let join = (_: GroupMember) => {};
    lanes.use(
      new Promise((resolve) => {
        join = resolve;
      }),
    );
    lanes.use(Promise.resolve(member));
    await settle();
    join(memberInTest());
    await settle();
    expect(lanes.member).toBe(member);
  });

  it('is waited for by its first assignment', async () => {
    const { lanes, member, settled } = test;
    let join = (_: GroupMember) => {};
    lanes.use(
      new Promise((resolve) => {
        join = resolve;
      }),
    );
    lanes.assign([p(0)]);
    await settle();
    expect(settled).toEqual([]);
    join(member);
    await settle();
    expect(settled).toEqual([[p(0)]]);
  });

  it('that is gone settles nothing, and nothing of it has failed', async () => {
    const { lanes, settled, failed, clock } = test;
    lanes.assign([p(0)]);
    await clock.advance(10_000);
    expect([settled, failed]).toEqual([[], []]);
  });
});

describe('an assignment', () => {
  it('commits the positions that are new and only those, tells where to go, then opens its lanes', async () => {
    const { lanes, member, committed, calls, settled } = test;
    committed.set(0, { offset: 42, metadata: 'velo:partitions=2;' });
    lanes.use(Promise.resolve(member));
    expect(lanes.assign([p(0), p(1)])).toEqual([]);
    expect(lanes.size).toBe(2);
    lanes.push('orders', 0, recordsFrom(42, 1));
    await settle();
    expect(member.commits).toMatchObject([[{ partition: 1, offset: 110, metadata: 'velo:partitions=2;' }]]);
    expect(member.seeks).toMatchObject([{ partition: 1, offset: 110 }]);
    expect(member.resumed).toEqual([[p(0)], [p(1)]]);
    expect(settled).toEqual([[p(0), p(1)]]);
    expect(calls).toHaveLength(1);
    calls[0]?.pass();
  });

  it('commits nothing where all is committed already', async () => {
    const { lanes, member, committed } = test;
    committed.set(0, { offset: 42, metadata: '' });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    expect(member.commits).toEqual([]);
    expect(member.seeks).toEqual([]);
  });

  it('pauses again what a rebalance may have resumed', async () => {
    const full = lanesInTest({ bufferRecords: 2 });
    const { lanes, member, committed } = full;
    committed.set(0, { offset: 10, metadata: '' });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    lanes.push('orders', 0, recordsFrom(10, 5));
    await settle();
    expect(member.paused).toEqual([[p(0)]]);
    expect(member.resumed).toEqual([]);
    full.calls[0]?.pass();
  });

  it('tells what was taken, and heeds no topic that it does not know', async () => {
    const { lanes } = test;
    lanes.assign([p(0), p(1), { topic: 'strange', partition: 0 }]);
    expect(lanes.size).toBe(2);
    expect(lanes.assign([p(1)])).toEqual([p(0)]);
    expect([...lanes].map(({ partition }) => partition)).toEqual([1]);
  });

  it('what is told of a partition that is not owned changes nothing', async () => {
    const { lanes } = test;
    lanes.assign([p(0)]);
    lanes.push('orders', 1, recordsFrom(0, 1));
    lanes.outOfRange(p(1));
    await expect(lanes.rest([p(1)])).resolves.toBeUndefined();
    expect(lanes.size).toBe(1);
  });
});

describe('an assignment that is out of date', () => {
  it.each([
    { by: 'another assignment', outdate: ({ lanes }: typeof test) => void lanes.assign([p(1)]) },
    { by: 'the end of the member', outdate: ({ lanes }: typeof test) => lanes.suspend() },
    { by: 'the end of the consumer', outdate: ({ lanes }: typeof test) => void lanes.drain() },
    { by: 'the loss of all', outdate: ({ lanes }: typeof test) => lanes.close('test') },
  ])('by $by commits nothing and opens nothing', async ({ outdate }) => {
    const { lanes, member, answer, settled, committed } = test;
    committed.set(1, { offset: 50, metadata: '' });
    const { wait, pass } = turnstile();
    answer.committed = wait;
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    answer.committed = async () => {};
    outdate(test);
    pass(0);
    await settle();
    expect(member.commits).toEqual([]);
    expect(settled.flat()).not.toContainEqual(p(0));
    expect(member.resumed.flat()).not.toContainEqual(p(0));
  });

  it('stays out of date when its member has gone and the next one was assigned', async () => {
    const { lanes, member, answer, settled, committed, calls } = test;
    const turns = turnstile();
    answer.committed = turns.wait;
    committed.set(0, { offset: 20, metadata: '' });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    lanes.suspend();
    committed.set(0, { offset: 30, metadata: '' });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    lanes.push('orders', 0, recordsFrom(20, 11));
    await settle();
    turns.pass(0);
    await settle();
    expect([settled, calls.length]).toEqual([[], 0]);
    turns.pass(1);
    await settle();
    expect(calls.map(({ record }) => record.offset)).toEqual(['30']);
    calls[0]?.pass();
  });

  it('while its positions are committed opens nothing', async () => {
    const { lanes, member, settled, told, committed } = test;
    committed.set(0, { offset: 5, metadata: '' });
    const { wait, pass } = turnstile();
    member.commit = wait;
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    lanes.suspend();
    pass(0);
    await settle();
    expect([settled, member.resumed, told('offsetOutOfRange')]).toEqual([[], [], []]);
  });

  it('while it waits to ask again does not ask, and leaves no timer', async () => {
    const { lanes, member, answer, prepared, clock } = test;
    answer.committed = () => Promise.reject(new Error('x'));
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    expect([prepared.length, clock.pending]).toEqual([1, 1]);
    lanes.suspend();
    await settle();
    expect([prepared.length, clock.pending]).toEqual([1, 0]);
  });

  it('does not tell that it could not be settled', async () => {
    const { lanes, member, answer, failed } = test;
    const { wait, pass } = turnstile();
    answer.committed = () =>
      wait().then(() => {
        throw new Error('x');
      });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    lanes.suspend();
    pass(0);
    await settle();
    expect(failed).toEqual([]);
  });
});

describe('positions that cannot be found out', () => {
  it('are asked for again after 100, 200, 400 ms and so on, at most 5 s', async () => {
    const { lanes, member, answer, failed, clock } = test;
    answer.committed = () => Promise.reject(new Error('x'));
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await clock.advance(20_000);
    expect(failed).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    lanes.close('test');
  });

  it('are not asked for again where that would not help', async () => {
    const { lanes, member, answer, prepared, settled, clock } = test;
    answer.committed = () => Promise.reject(new Error('x'));
    answer.goOn = false;
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await clock.advance(60_000);
    expect([prepared.length, settled, clock.pending]).toEqual([1, [], 0]);
  });
});

describe('a leader that is away', () => {
  const known = (...partitions: number[]) => {
    for (const partition of partitions)
      test.committed.set(partition, { offset: 10 + partition, metadata: '' });
  };
  const push = (...partitions: number[]) => {
    for (const partition of partitions) test.lanes.push('orders', partition, recordsFrom(10 + partition, 1));
  };
  /** The partitions, as their offsets tell. */
  const handled = () => test.calls.map(({ record }) => Number(record.offset) - 10);

  it('holds up its own partitions only; they begin when it is back, and those of others are not asked again', async () => {
    const { lanes, member, answer, settled, clock, failed } = test;
    known(0, 1);
    const asked: number[] = [];
    let away = true;
    answer.offsets = async (partition) => {
      asked.push(partition);
      if (partition === 1 && away) throw new Error('no leader');
    };
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0), p(1)]);
    push(0, 1);
    await settle();
    expect([handled(), lanes.failing, failed]).toEqual([[0], true, [100]]);
    await clock.advance(4_999);
    expect(settled).toEqual([]);
    await clock.advance(1);
    expect(settled).toEqual([[p(0), p(1)]]);
    away = false;
    await clock.advance(5_000);
    expect([handled(), lanes.failing, clock.pending]).toEqual([[0, 1], false, 0]);
    expect(asked.filter((partition) => partition === 0)).toHaveLength(1);
    for (const { pass } of test.calls) pass();
  });

  it('and does not answer at all holds up no more than that either', async () => {
    const { lanes, member, answer, settled, clock } = test;
    known(0, 1);
    const { wait, pass } = turnstile();
    answer.offsets = (partition) => (partition === 1 ? wait() : Promise.resolve());
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0), p(1)]);
    push(0, 1);
    await clock.advance(5_000);
    expect([handled(), settled]).toEqual([[0], [[p(0), p(1)]]]);
    pass(0);
    await settle();
    expect([handled(), clock.pending]).toEqual([[0, 1], 0]);
    for (const { pass } of test.calls) pass();
  });

  it('of all partitions keeps nobody from starting for more than 5 s, since brokers answer', async () => {
    const { lanes, member, answer, settled, clock } = test;
    known(0);
    answer.offsets = () => Promise.reject(new Error('no leader'));
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await clock.advance(5_000);
    expect([settled, lanes.failing]).toEqual([[[p(0)]], true]);
    lanes.suspend();
    await settle();
    expect([lanes.failing, clock.pending]).toEqual([false, 0]);
  });

  it('leaves no timer when its partitions go while they are asked for', async () => {
    const { lanes, member, answer, settled, clock } = test;
    known(0, 1);
    answer.offsets = (partition) => (partition === 1 ? new Promise(() => {}) : Promise.resolve());
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0), p(1)]);
    await settle();
    lanes.close('test');
    await settle();
    expect([settled, clock.pending]).toEqual([[], 0]);
  });

  it('keeps a lane that goes on from nothing: what it had begun stays begun', async () => {
    const { lanes, member, answer, clock } = test;
    known(0, 1);
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0), p(1)]);
    push(0, 1);
    await settle();
    answer.offsets = (partition) =>
      partition === 1 ? Promise.reject(new Error('no leader')) : Promise.resolve();
    lanes.assign([p(0), p(1)]);
    await settle();
    for (const { pass } of test.calls) pass();
    await settle();
    const commits = [...lanes].map(({ standing }) => standing.takeCommit()?.offset);
    expect(commits).toEqual([11, undefined]);
    answer.offsets = async () => {};
    await clock.advance(5_000);
    expect([...lanes].map(({ standing }) => standing.takeCommit()?.offset)).toEqual([11, 12]);
    expect(handled()).toEqual([0, 1]);
  });
});

describe('an offset that is not in the log', () => {
  it('is told once, also where the next assignment comes while the new one is committed', async () => {
    const { lanes, member, committed, told } = test;
    committed.set(0, { offset: 1_000, metadata: '' });
    let acknowledge = (): void => {};
    const held = new Promise<void>((resolve) => {
      acknowledge = resolve;
    });
    member.commit = () => held;
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    lanes.assign([p(0)]);
    committed.set(0, { offset: 10, metadata: '' });
    acknowledge();
    await settle();
    expect(told('offsetOutOfRange')).toMatchObject([{ partition: 0, from: 1_000, to: 10 }]);
    expect([...lanes].map(({ opened }) => opened)).toEqual([true]);
  });

  it('is told once, also where the client finds it out by itself while the new one is committed', async () => {
    const { lanes, member, committed, told } = test;
    committed.set(0, { offset: 2, metadata: '' });
    const { wait, pass } = turnstile();
    member.commit = async ([position]) => {
      await wait();
      committed.set(0, { offset: position?.offset ?? -1, metadata: '' });
    };
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    lanes.outOfRange(p(0));
    pass(0);
    await settle();
    // The second look, where it has begun before the commit, finds the same and commits it again.
    pass(1);
    await settle();
    expect(told('offsetOutOfRange')).toMatchObject([{ partition: 0, from: 2, to: 10, passedOver: 8 }]);
    expect([...lanes].map(({ opened }) => opened)).toEqual([true]);
    expect(member.seeks).toMatchObject([{ partition: 0, offset: 10 }]);
  });

  it('is told once, also where the client finds it out by itself as soon as the new one is committed', async () => {
    const { lanes, member, committed, told } = test;
    committed.set(0, { offset: 2, metadata: '' });
    member.commit = async ([position]) => {
      committed.set(0, { offset: position?.offset ?? -1, metadata: '' });
      lanes.outOfRange(p(0));
    };
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    expect(told('offsetOutOfRange')).toMatchObject([{ partition: 0, from: 2, to: 10, passedOver: 8 }]);
    expect([...lanes].map(({ opened }) => opened)).toEqual([true]);
    expect(member.seeks).toMatchObject([{ partition: 0, offset: 10 }]);
  });
});

describe('the member has gone', () => {
  it('its lanes start nothing and commit nothing until the next one was assigned', async () => {
    const { lanes, member, committed, calls } = test;
    committed.set(0, { offset: 10, metadata: '' });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    lanes.push('orders', 0, recordsFrom(10, 3));
    lanes.suspend();
    calls[0]?.pass();
    await settle();
    const [lane] = [...lanes];
    expect(calls).toHaveLength(1);
    expect(lane?.standing.takeCommit()).toBeUndefined();
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0)]);
    await settle();
    expect(calls).toHaveLength(2);
    expect(lane?.standing.takeCommit()).toMatchObject({ offset: 11 });
    calls[1]?.pass();
    await settle();
    calls[2]?.pass();
  });
});

describe('the member has lost its session', () => {
  async function losing() {
    const { lanes, member, committed } = test;
    for (const partition of [0, 1]) committed.set(partition, { offset: 10, metadata: '' });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0), p(1)]);
    await settle();
    for (const partition of [0, 1]) lanes.push('orders', partition, recordsFrom(10, 3));
    lanes.lose();
    return {
      ...test,
      inLane: (partition: number) => [...lanes].find((lane) => lane.partition === partition),
    };
  }

  it('what runs goes on and nothing starts; what has finished meanwhile counts where the partition is still there', async () => {
    const { lanes, calls, inLane } = await losing();
    for (const { context } of calls) expect(context.signal.aborted).toBe(false);
    calls[0]?.pass();
    await settle();
    expect(calls).toHaveLength(2);
    expect(inLane(0)?.standing.takeCommit()).toBeUndefined();
    expect(lanes.assign([p(0), p(1)])).toEqual([]);
    await settle();
    expect(inLane(0)?.standing.takeCommit()).toMatchObject({ offset: 11 });
    expect(calls.map(({ record }) => record.offset)).toEqual(['10', '10', '11']);
    lanes.close('test');
  });

  it('a handler whose partition went elsewhere is aborted by the next assignment, and commits nothing', async () => {
    const { lanes, calls } = await losing();
    expect(lanes.assign([p(0)])).toEqual([p(1)]);
    expect(calls.map(({ context }) => context.signal.aborted)).toEqual([false, true]);
    lanes.close('test');
  });

  it('gives up what it holds when it was assigned nothing for 10 minutes', async () => {
    const { lanes, calls, clock, told } = await losing();
    await clock.advance(599_999);
    expect([lanes.size, told('revoked')]).toEqual([2, []]);
    await clock.advance(1);
    expect([lanes.size, told('revoked')]).toEqual([0, [{ partitions: [p(0), p(1)] }]]);
    expect(calls.map(({ context }) => context.signal.aborted)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });

  it('tells of no partitions where it had none', async () => {
    const { lanes, member, clock, told } = test;
    lanes.use(Promise.resolve(member));
    lanes.assign([]);
    await settle();
    lanes.lose();
    await clock.advance(600_000);
    expect(told('revoked')).toEqual([]);
  });

  it('leaves no timer behind once it is assigned anew, or closed', async () => {
    const { lanes, clock } = await losing();
    lanes.assign([p(0)]);
    // A lane looks once at what waits in it, some tenths of a second later.
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
    lanes.lose();
    lanes.close('test');
    expect(clock.pending).toBe(0);
  });
});

describe('a partition that returns while its handler still runs', () => {
  async function returning() {
    const { lanes, member, committed, calls, settled } = test;
    committed.set(0, { offset: 10, metadata: '' });
    committed.set(1, { offset: 10, metadata: '' });
    lanes.use(Promise.resolve(member));
    lanes.assign([p(0), p(1)]);
    await settle();
    lanes.push('orders', 0, recordsFrom(10, 1));
    lanes.assign([p(1)]);
    await settle();
    settled.length = 0;
    lanes.assign([p(0), p(1)]);
    lanes.push('orders', 0, recordsFrom(10, 1));
    await settle();
    expect(calls).toHaveLength(1);
  }

  it('is settled when it has ended, and works then', async () => {
    await returning();
    expect(test.settled).toEqual([]);
    test.calls[0]?.pass();
    await settle();
    expect(test.settled).toEqual([[p(1), p(0)]]);
    expect(test.calls).toHaveLength(2);
    test.calls[1]?.pass();
  });

  it('does not work if it is in doubt again by then', async () => {
    await returning();
    test.lanes.suspend();
    test.calls[0]?.pass();
    await settle();
    expect(test.settled).toEqual([]);
    expect(test.calls).toHaveLength(1);
  });
});

it('what is drained starts nothing more, whatever is assigned', async () => {
  const { lanes, member, prepared, calls } = test;
  lanes.use(Promise.resolve(member));
  await lanes.drain();
  lanes.assign([p(0)]);
  lanes.push('orders', 0, recordsFrom(110, 1));
  await settle();
  expect([prepared, calls]).toEqual([[], []]);
});
