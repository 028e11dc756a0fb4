import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding, GroupMember, MemberSink } from '../src/binding/binding.js';
import { GroupMembership, type Preparation } from '../src/membership/group-membership.js';
import { kafkaError } from './support/memory-cluster.js';
import { settle, VirtualClock } from './support/virtual-clock.js';

const P0 = { topic: 'orders', partition: 0 };
/** COORDINATOR_NOT_AVAILABLE: passes. */
const outage = kafkaError(15);
/** As a client has it that reaches no broker. */
const away = kafkaError(-1, 'connect ECONNREFUSED 10.0.0.1:9092');
/** INVALID_REQUEST: a restart should not mend it. */
const doubtful = kafkaError(42, 'Invalid request');
const unauthorized = kafkaError(29, 'Topic authorization failed');

interface MemberInTest extends GroupMember {
  readonly sink: MemberSink;
  stops: number;
}

let clock: VirtualClock;
let life: AbortController;
let members: MemberInTest[];
/** What happened, in order. */
let log: string[];
let lost: unknown[];
let onJoin: () => Promise<void>;
let onStop: () => Promise<void>;
let membership: GroupMembership;
/** What is to be read. */
let topics: string[];
let onRest: () => Promise<void>;
/** Whether the next member fares better, since it reads something else. */
let relieved: unknown[];

beforeEach(() => {
  clock = new VirtualClock();
  life = new AbortController();
  members = [];
  log = [];
  lost = [];
  onJoin = async () => {};
  onStop = async () => {};
  topics = ['orders'];
  onRest = async () => {};
  relieved = [];
  const client = {
    join: async (_: unknown, sink: MemberSink) => {
      log.push('join');
      await onJoin();
      const member = {
        sink,
        stops: 0,
        stop: () => {
          member.stops++;
          return onStop();
        },
      } as unknown as MemberInTest;
      members.push(member);
      return member;
    },
  } as unknown as ClientBinding;
  membership = new GroupMembership({
    client,
    membership: () => ({ groupId: 'billing', topics }),
    rest: () => {
      log.push('rest');
      return onRest();
    },
    relieve: async (error) => relieved.includes(error),
    sink: {
      assignment: () => log.push('assignment'),
      revoking: async () => void log.push('revoking'),
      records: () => log.push('records'),
      reached: () => 0,
      lost: () => log.push('lost'),
      outOfRange: () => log.push('outOfRange'),
    },
    onJoining: () => log.push('joining'),
    onGone: () => log.push('gone'),
    onCrashed: (_, restart, delay) => log.push(`crashed ${restart} ${delay}`),
    onRestarted: (restart) => log.push(`restarted ${restart}`),
    onLost: (error) => lost.push(error),
    signal: life.signal,
    clock,
  });
});

const crashes = () => log.filter((line) => line.startsWith('crashed'));

/** A member that has joined, and nothing on the log. */
async function joined(): Promise<MemberInTest> {
  await membership.join();
  log.length = 0;
  return members[0] as MemberInTest;
}

/** Notes how a promise has ended, if it has. */
function outcome(promise: Promise<unknown>): { ended: unknown } {
  const seen: { ended: unknown } = { ended: 'not yet' };
  promise.then(
    () => {
      seen.ended = 'well';
    },
    (error: unknown) => {
      seen.ended = error;
    },
  );
  return seen;
}

describe('other topics', () => {
  it('are read by a new member, once the present one has come to rest; that is no restart', async () => {
    await joined();
    topics = ['orders', 'orders-billing-replay'];
    await membership.resubscribe();
    await clock.advance(0);
    expect(log).toEqual(['rest', 'gone', 'joining', 'join']);
    expect(members.map(({ stops }) => stops)).toEqual([1, 0]);
    expect([membership.restarts, membership.restarting]).toEqual([0, false]);
  });

  it('are none while they are the same, in whatever order', async () => {
    topics = ['orders', 'payments'];
    await joined();
    topics = ['payments', 'orders'];
    await membership.resubscribe();
    expect(log).toEqual([]);
  });

  it('wait until it rests after a rebalance that came in between', async () => {
    const member = await joined();
    topics = [];
    let rebalances = 2;
    onRest = async () => {
      if (rebalances-- > 0) member.sink.assignment([P0]);
    };
    await membership.resubscribe();
    expect(log.filter((line) => line === 'rest')).toHaveLength(3);
  });

  it('are left to the next member where the present one has crashed meanwhile', async () => {
    const member = await joined();
    topics = [];
    onRest = async () => member.sink.crashed(outage);
    await membership.resubscribe();
    await clock.advance(1_000);
    expect(members).toHaveLength(2);
  });

  it('wait for a member that joins', async () => {
    let join = () => {};
    onJoin = () =>
      new Promise((resolve) => {
        join = resolve;
      });
    const joining = membership.join();
    await settle();
    topics = [];
    const resubscribed = membership.resubscribe();
    join();
    onJoin = async () => {};
    await Promise.all([joining, resubscribed]);
    await clock.advance(0);
    expect(members).toHaveLength(2);
  });

  it('may be what a failed member needs: it is followed at once by one that has them, and counts for nothing', async () => {
    const member = await joined();
    relieved.push(unauthorized);
    for (let i = 0; i < 60; i++) {
      (members.at(-1) ?? member).sink.crashed(unauthorized);
      await clock.advance(200);
    }
    expect(crashes()).toEqual([]);
    expect([membership.restarts, lost]).toEqual([0, []]);
    expect(members).toHaveLength(61);
  });
});

describe('joining', () => {
  it('is told before the client is asked, so that no assignment comes too early', async () => {
    await membership.join();
    expect(log).toEqual(['joining', 'join']);
    expect(membership.member).toBe(members[0]);
    expect([membership.restarts, membership.restarting]).toEqual([0, false]);
  });

  it('is tried again after 200, 400 ms and so on, at most 10 s', async () => {
    let failures = 8;
    onJoin = async () => {
      if (failures-- > 0) throw outage;
    };
    const { ended } = outcome(membership.join());
    expect(ended).toBe('not yet');
    await clock.advance(60_000);
    expect(crashes()).toEqual(
      [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000].map((delay, i) => `crashed ${i + 1} ${delay}`),
    );
    expect(membership.member).toBe(members[0]);
    expect(membership.restarts).toBe(8);
    expect(clock.pending).toBe(0);
  });

  it('fails with the last error after 50 attempts', async () => {
    onJoin = () => Promise.reject(outage);
    const joining = outcome(membership.join());
    await clock.advance(3_600_000);
    expect(joining.ended).toBe(outage);
    expect(crashes()).toHaveLength(50);
  });

  it('fails at once where no other attempt would help and none has worked', async () => {
    onJoin = () => Promise.reject(doubtful);
    await expect(membership.join()).rejects.toBe(doubtful);
    expect(crashes()).toEqual([]);
  });

  it('that an abort overtakes rejects with its reason; the member leaves again', async () => {
    let pass = () => {};
    onJoin = () =>
      new Promise((resolve) => {
        pass = resolve;
      });
    const joining = outcome(membership.join());
    await settle();
    const reason = new Error('stopped');
    life.abort(reason);
    pass();
    await settle();
    expect(joining.ended).toBe(reason);
    expect(members[0]?.stops).toBe(1);
    expect(membership.member).toBeUndefined();
  });

  it('that fails after an abort rejects with its reason, and waits for nothing', async () => {
    let fail = (_: unknown) => {};
    onJoin = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const joining = outcome(membership.join());
    await settle();
    const reason = new Error('stopped');
    life.abort(reason);
    fail(outage);
    await settle();
    expect(joining.ended).toBe(reason);
    expect([crashes(), clock.pending]).toEqual([[], 0]);
  });
});

describe('what must be prepared', () => {
  function preparation(failures: number, error: unknown, final = false): Preparation {
    let left = failures;
    return {
      run: async () => {
        log.push('prepare');
        if (left-- > 0) throw error;
      },
      isFinal: () => final,
    };
  }

  it('is tried until it works, then never again, and nobody joins before', async () => {
    let failed = false;
    onJoin = async () => {
      if (failed) return;
      failed = true;
      throw outage;
    };
    void membership.join(preparation(2, outage));
    await clock.advance(10_000);
    expect(log.filter((line) => !line.startsWith('crashed'))).toEqual([
      'prepare',
      'prepare',
      'prepare',
      'joining',
      'join',
      'joining',
      'join',
    ]);
    expect(crashes()).toHaveLength(3);
  });

  it('ends the joining where that is final', async () => {
    await expect(membership.join(preparation(1, outage, true))).rejects.toBe(outage);
    expect(log).toEqual(['prepare']);
  });

  it('says nothing of what fails later: a join is never final', async () => {
    let failed = false;
    onJoin = async () => {
      if (failed) return;
      failed = true;
      throw outage;
    };
    const joining = outcome(membership.join(preparation(0, outage, true)));
    await clock.advance(1_000);
    expect(joining.ended).toBe('well');
  });
});

describe('a member that has crashed', () => {
  it('is told, stopped, and followed by a new one', async () => {
    const member = await joined();
    member.sink.crashed(outage);
    expect(log).toEqual(['gone']);
    expect([membership.member, membership.restarting]).toEqual([undefined, true]);
    await clock.advance(199);
    expect(log).toEqual(['gone', 'crashed 1 200']);
    expect(member.stops).toBe(1);
    await clock.advance(1);
    expect(log.slice(2)).toEqual(['joining', 'join', 'restarted 1']);
    expect(membership.member).toBe(members[1]);
    expect(membership.restarting).toBe(false);
    expect([lost, clock.pending]).toEqual([[], 0]);
  });

  it('is waited for 10 s when it does not stop', async () => {
    const member = await joined();
    onStop = () => new Promise(() => {});
    member.sink.crashed(outage);
    await clock.advance(9_999);
    expect(crashes()).toEqual([]);
    await clock.advance(201);
    expect(membership.member).toBe(members[1]);
  });

  it('is not heard any more', async () => {
    const member = await joined();
    const { sink } = member;
    sink.assignment([P0]);
    await sink.revoking([P0]);
    sink.records('orders', 0, []);
    sink.lost();
    sink.outOfRange(P0);
    expect(log).toEqual(['assignment', 'revoking', 'records', 'lost', 'outOfRange']);
    sink.crashed(outage);
    log.length = 0;
    sink.assignment([P0]);
    await expect(sink.revoking([P0])).resolves.toBeUndefined();
    sink.records('orders', 0, []);
    sink.lost();
    sink.outOfRange(P0);
    expect(log.filter((line) => !line.startsWith('crashed'))).toEqual([]);
    await clock.advance(1_000);
  });

  it.each([
    { what: 'an outage', error: outage, restarts: 50 },
    { what: 'what only a new member mends', error: kafkaError(25, 'Unknown member'), restarts: 50 },
    { what: 'what a restart should not mend', error: doubtful, restarts: 3 },
  ])('time and again is lost in the end: $what', async ({ error, restarts }) => {
    await joined();
    for (let i = 0; i <= restarts; i++) {
      expect(lost).toEqual([]);
      members.at(-1)?.sink.crashed(error);
      await clock.advance(10_000);
    }
    expect(lost).toEqual([error]);
    expect(crashes()).toHaveLength(restarts);
    expect(membership.member).toBeUndefined();
  });

  it('of brokers that are away is never lost once a member has worked', async () => {
    await joined();
    membership.settled();
    for (let i = 0; i < 200; i++) {
      members.at(-1)?.sink.crashed(away);
      await clock.advance(10_000);
    }
    expect([lost, crashes().length]).toEqual([[], 200]);
    members.at(-1)?.sink.crashed(doubtful);
    await clock.advance(10_000);
    expect(lost).toEqual([doubtful]);
  });

  it.each([
    { worked: 5_000, fed: false, restarts: 3 },
    { worked: 5_001, fed: false, restarts: 35 },
    { worked: 0, fed: true, restarts: 35 },
  ])(
    'for want of rights that it had for $worked ms, records: $fed, is lost after $restarts restarts',
    async ({ worked, fed, restarts }) => {
      const member = await joined();
      if (fed) member.sink.records('orders', 0, []);
      membership.settled();
      await clock.advance(worked);
      const begin = clock.now();
      for (let i = 0; i <= restarts; i++) {
        expect(lost).toEqual([]);
        members.at(-1)?.sink.crashed(unauthorized);
        await clock.advance([200, 400, 800, 1_600, 3_200, 6_400][i] ?? 10_000);
        membership.settled();
      }
      expect(lost).toEqual([unauthorized]);
      expect(crashes()).toHaveLength(restarts);
      if (restarts > 3) expect(clock.now() - begin).toBeGreaterThan(300_000);
    },
  );

  it('for want of the right to know where it stands is lost at once, whatever came', async () => {
    const member = await joined();
    member.sink.records('orders', 0, []);
    expect(membership.bears(unauthorized)).toBe(false);
    membership.settled();
    expect(membership.bears(unauthorized)).toBe(true);
  });

  it('for want of rights that come and go is never lost', async () => {
    await joined();
    for (let i = 0; i < 20; i++) {
      membership.settled();
      await clock.advance(60_001);
      members.at(-1)?.sink.crashed(unauthorized);
      await clock.advance(200);
    }
    expect([lost, membership.restarts]).toEqual([[], 1]);
  });

  it.each([
    { healthy: 60_000, restart: 4 },
    { healthy: 60_001, restart: 1 },
  ])('after $healthy ms of health is restart $restart in a row', async ({ healthy, restart }) => {
    await joined();
    for (let i = 0; i < 3; i++) {
      members.at(-1)?.sink.crashed(outage);
      await clock.advance(10_000);
    }
    membership.settled();
    await clock.advance(healthy);
    log.length = 0;
    members.at(-1)?.sink.crashed(outage);
    await clock.advance(10_000);
    expect(membership.restarts).toBe(restart);
  });

  it('has no health of the one before it: only after it has settled does time count', async () => {
    await joined();
    membership.settled();
    members.at(-1)?.sink.crashed(outage);
    await clock.advance(100_000);
    members.at(-1)?.sink.crashed(outage);
    await clock.advance(10_000);
    expect(membership.restarts).toBe(2);
  });

  it('is not followed after an abort, and nothing is lost then', async () => {
    const member = await joined();
    life.abort(new Error('stopped'));
    member.sink.crashed(outage);
    await clock.advance(60_000);
    expect([log, lost]).toEqual([[], []]);
  });

  it('is not followed where an abort comes in the wait', async () => {
    const member = await joined();
    member.sink.crashed(outage);
    await clock.advance(100);
    life.abort(new Error('stopped'));
    await settle();
    expect([lost, clock.pending, members.length]).toEqual([[], 0, 1]);
  });
});

describe('leaving', () => {
  it('stops the member, for 10 s at most', async () => {
    const member = await joined();
    onStop = () => new Promise(() => {});
    const leaving = outcome(membership.leave());
    await clock.advance(9_999);
    expect([member.stops, leaving.ended]).toEqual([1, 'not yet']);
    await clock.advance(1);
    expect(leaving.ended).toBe('well');
  });

  it('waits for a joining under way, for 10 s at most, and stops what has joined', async () => {
    let pass = () => {};
    onJoin = () =>
      new Promise((resolve) => {
        pass = resolve;
      });
    void membership.join();
    await settle();
    const leaving = outcome(membership.leave());
    await clock.advance(5_000);
    expect(leaving.ended).toBe('not yet');
    pass();
    await settle();
    expect([members[0]?.stops, leaving.ended]).toEqual([1, 'well']);
  });

  it('gives a joining up that does not end, and is well with none', async () => {
    expect(await membership.leave()).toBeUndefined();
    onJoin = () => new Promise(() => {});
    void membership.join();
    await settle();
    const leaving = outcome(membership.leave());
    await clock.advance(10_000);
    expect(leaving.ended).toBe('well');
  });
});
