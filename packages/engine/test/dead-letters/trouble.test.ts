import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayOptions, ReplayProgress } from '../../src/dead-letters/types.js';
import { MAX_BATCH_BYTES } from '../../src/sending/record-writer.js';
import { DeadLettersInTest, died } from '../support/dead-letters.js';
import { kafkaError, type MemoryMember } from '../support/memory-cluster.js';
import { MemoryTransactions } from '../support/memory-transactions.js';

const DLT = 'orders-billing-dlt';
const TIER = 'orders-billing-retry-5s';
const WORKERS = 'billing-dead-letters';
/** UNKNOWN_TOPIC_OR_PARTITION, REQUEST_TIMED_OUT, MESSAGE_TOO_LARGE, INCONSISTENT_GROUP_PROTOCOL, GROUP_AUTHORIZATION_FAILED */
const [UNKNOWN, TIMED_OUT, TOO_LARGE, INCONSISTENT, NOT_ALLOWED] = [3, 7, 10, 23, 30] as const;

let test: DeadLettersInTest;
beforeEach(() => {
  test = new DeadLettersInTest();
  test.cluster.create(TIER);
});
afterEach(() => test.end());

function produce(count: number, value: (i: number) => string = String, topic = DLT): void {
  test.cluster.produce(
    topic,
    0,
    ...Array.from({ length: count }, (_, offset) => died({ value: value(offset), offset })),
  );
}
const replay = (options?: ReplayOptions) => test.letters().replay(options);
const worker = () =>
  test.cluster.members.filter(({ membership }) => membership.groupId === WORKERS).at(-1) as MemoryMember;
const upTo = (end: number) => Array.from({ length: end }, (_, i) => String(i));
const byNumber = (values: readonly (string | null)[]) => [...values].sort((a, b) => Number(a) - Number(b));

/** The offsets that a list gives, of which something happens after the 50th. */
async function listed(happens: () => void): Promise<string[]> {
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { offset } of test.letters().list()) {
      seen.push(offset);
      if (seen.length === 50) happens();
    }
  })();
  await test.done(reading);
  return seen;
}

/** What it has failed with. */
const failure = (work: Promise<unknown>) =>
  test.done(work).then(
    () => 'it has not failed',
    (error: unknown) => error,
  );

describe.each(['by-partition', 'by-member'] as const)('with transactions %s', (scope) => {
  let transactions: MemoryTransactions;
  beforeEach(() => {
    transactions = new MemoryTransactions(test.cluster, scope);
    test.cluster.transactions = transactions;
  });

  it('a batch whose answer was lost is known by its entries, goes once, and counts once', async () => {
    produce(10);
    let lost = 2;
    transactions.onTransact = () => (lost-- > 0 ? 'lost' : 'commit');
    const result = await test.done(replay({ perSecond: 40 }));
    expect(result).toMatchObject({ replayed: 10, targets: { [TIER]: 10 } });
    expect(byNumber(test.cluster.values(TIER))).toEqual(upTo(10));
  });

  it('so it is where the client crashes with it, and its partitions come back to another one', async () => {
    produce(10);
    let lost = true;
    transactions.onTransact = () => {
      if (!lost) return 'commit';
      lost = false;
      worker().crash(new Error('connection lost'));
      return 'lost';
    };
    expect(await test.done(replay())).toMatchObject({ replayed: 10, targets: { [TIER]: 10 } });
    expect(test.cluster.values(TIER)).toEqual(upTo(10));
  });

  it('what is nobody else’s is made sure of once, however many batches follow', async () => {
    produce(40);
    const asked: unknown[] = [];
    test.cluster.onCommitted = (group) => void asked.push(group);
    expect(await test.done(replay({ perSecond: 10 }))).toMatchObject({ replayed: 40 });
    expect(transactions.fenced).toEqual([[{ topic: DLT, partition: 0 }]]);
    expect(asked.filter((group) => group === WORKERS)).toEqual([WORKERS]);
    // By a record without a value it is proven that the ledger can be read to there.
    const marks = test.cluster.log(`${DLT}-ledger`).filter(({ value }) => value === null);
    expect(marks).toHaveLength(1);
  });

  it('what is aborted goes again, in its order', async () => {
    produce(10);
    let aborted = 3;
    transactions.onTransact = () => (aborted-- > 0 ? kafkaError(TIMED_OUT) : 'commit');
    expect(await test.done(replay())).toMatchObject({ replayed: 10 });
    expect(test.cluster.values(TIER)).toEqual(upTo(10));
  });

  it('the copies of a batch go one by one where one of them is refused, and then together again', async () => {
    produce(600);
    transactions.suspectsTogether = true;
    test.cluster.onPublish = ({ topic, value }) =>
      topic === TIER && String(value) === '7' ? kafkaError(TOO_LARGE, 'too large') : undefined;
    expect(await test.done(replay())).toMatchObject({ replayed: 599, refused: 1 });
    expect(test.cluster.values(TIER)).toEqual(upTo(600).filter((value) => value !== '7'));
    const sizes = transactions.committed.map(({ copies }) => copies);
    // A copy and its entry each; of the one that is refused, the entry alone.
    expect(sizes.slice(0, 9)).toEqual([2, 2, 2, 2, 2, 2, 2, 1, 2]);
    expect(sizes.at(-1)).toBe(200);
  });

  it('a batch is no larger than a request may be, and a larger copy goes alone', async () => {
    const large = [0.4, 0.4, 0.4, 1.5, 0.4, 0.4].map((share) => Math.floor(share * MAX_BATCH_BYTES));
    produce(large.length, (i) => 'x'.repeat(large[i] as number));
    const batches: number[][] = [];
    transactions.onTransact = (handOvers) => {
      const copies = handOvers.flatMap((one) => one.copies).filter(({ topic }) => topic === TIER);
      batches.push(copies.map(({ value }) => value?.length ?? 0));
      return 'commit';
    };
    expect(await test.done(replay())).toMatchObject({ replayed: large.length });
    expect(batches.flat()).toEqual(large);
    for (const batch of batches)
      if (batch.length > 1)
        expect(batch.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    expect(batches.length).toBeLessThan(large.length);
  });

  it('what fails for two minutes ends it, and tells for how long, how often, and by what', async () => {
    produce(3);
    let tries = 0;
    const cause = kafkaError(TIMED_OUT, 'no answer');
    transactions.onTransact = () => {
      tries++;
      return cause;
    };
    const start = test.clock.now();
    const error = await failure(replay());
    expect(error).toMatchObject({
      code: 'VELO_TIMEOUT',
      cause,
      attempts: tries - 1,
      message: expect.stringContaining('What was done before stays so'),
    });
    expect(test.clock.now() - start).toBeGreaterThan(120_000);
    expect(test.clock.now() - start).toBeLessThan(127_000);
    expect((error as { elapsed: number }).elapsed).toBeGreaterThan(120_000);
    // Ever more seldom, every 5 s at the end.
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(35);
    expect(test.cluster.values(TIER)).toEqual([]);
  });

  it('what fails again and again, but not for two minutes at a time, does not', async () => {
    produce(3);
    let failsUntil = 0;
    let done = 0;
    transactions.onTransact = () => {
      const now = test.clock.now();
      if (failsUntil === 0) failsUntil = now + 100_000;
      if (now < failsUntil) return kafkaError(TIMED_OUT);
      failsUntil = 0;
      done++;
      return 'commit';
    };
    expect(await test.done(replay({ perSecond: 1 }))).toMatchObject({ replayed: 3 });
    expect(done).toBe(3);
  });

  it.each([
    ['the brokers do not allow', kafkaError(NOT_ALLOWED, 'not allowed')],
    ['is a fault of a program', new TypeError('x is not a function')],
  ])('what %s ends it at once', async (_, cause) => {
    produce(3);
    const start = test.clock.now();
    transactions.onFence = () => Promise.reject(cause);
    expect(await failure(replay())).toBe(cause);
    expect(test.clock.now() - start).toBeLessThan(1_000);
    transactions.onFence = () => {};
    expect(await test.done(replay())).toMatchObject({ replayed: 3 });
  });

  it('what a transaction may not do ends it at once, too', async () => {
    produce(3);
    const cause = kafkaError(NOT_ALLOWED, 'not allowed');
    transactions.onTransact = () => cause;
    const start = test.clock.now();
    expect(await failure(replay())).toBe(cause);
    expect(test.clock.now() - start).toBeLessThan(1_000);
  });

  it('nothing is written where all is passed over', async () => {
    test.cluster.produce(DLT, 0, died({ replays: 3 }), died({ replays: 4 }));
    expect(await test.done(replay())).toMatchObject({ replayed: 0, passedOver: 2 });
    expect(transactions.committed).toEqual([]);
  });

  it('it stops at its signal while it waits for what fails', async () => {
    produce(3);
    transactions.onTransact = () => kafkaError(TIMED_OUT);
    const stop = new AbortController();
    const replaying = replay({ signal: stop.signal });
    await test.clock.advance(30_000);
    stop.abort();
    await test.clock.advance(0);
    expect(await replaying).toMatchObject({ replayed: 0, stopped: 'signal' });
  });
});

describe('a client that crashes', () => {
  it('is followed by another one, which goes on where the work is', async () => {
    produce(20);
    const replaying = replay({ perSecond: 10 });
    await test.clock.advance(700);
    const before = worker();
    before.crash(new Error('connection lost'));
    expect(await test.done(replaying)).toMatchObject({ replayed: 20 });
    expect(worker()).not.toBe(before);
    expect(byNumber(test.cluster.values(TIER))).toEqual(upTo(20));
  });

  it('is followed by another one however long brokers are away, once it has worked', async () => {
    produce(20);
    const replaying = replay({ perSecond: 10 });
    await test.clock.advance(700);
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    let joins = 0;
    test.cluster.onJoin = () => {
      joins++;
      throw away;
    };
    for (const member of test.cluster.members) member.crash(away);
    await test.clock.advance(3_600_000);
    expect(joins).toBeGreaterThan(100);
    test.cluster.onJoin = () => {};
    expect(await test.done(replaying)).toMatchObject({ replayed: 20 });
    expect(byNumber(test.cluster.values(TIER))).toEqual(upTo(20));
  });

  it('ends the work where no other one may join, with the reason', async () => {
    produce(20);
    const replaying = replay({ perSecond: 10 });
    await test.clock.advance(700);
    const cause = kafkaError(NOT_ALLOWED, 'not allowed any more');
    test.cluster.onJoin = () => {
      throw cause;
    };
    worker().crash(cause);
    expect(await failure(replaying)).toBe(cause);
    test.cluster.onJoin = () => {};
    const before = test.cluster.values(TIER).length;
    expect(await test.done(replay())).toMatchObject({ replayed: 20 - before });
  });
});

describe('a member that is not in its group any more', () => {
  it('begins nothing until it has partitions again', async () => {
    produce(20);
    const replaying = replay({ perSecond: 10 });
    await test.clock.advance(700);
    worker().sink.lost();
    const before = test.cluster.values(TIER).length;
    await test.clock.advance(10_000);
    expect(test.cluster.values(TIER)).toHaveLength(before);
    worker().assignAll();
    expect(await test.done(replaying)).toMatchObject({ replayed: 20 });
    expect(byNumber(test.cluster.values(TIER))).toEqual(upTo(20));
  });
});

describe('members of another client in the group', () => {
  const others = (until: number) => {
    test.cluster.onJoin = () => {
      if (test.clock.now() < until) throw kafkaError(INCONSISTENT, 'no common protocol');
    };
  };

  it('are waited for, and then it goes on', async () => {
    produce(3);
    others(test.clock.now() + 250_000);
    expect(await test.done(replay())).toMatchObject({ replayed: 3 });
  });

  it('for five minutes end it in words, and nothing was done', async () => {
    produce(3);
    others(Number.POSITIVE_INFINITY);
    const start = test.clock.now();
    expect(await failure(replay())).toMatchObject({
      code: 'VELO_CLIENT',
      message: expect.stringMatching(/billing-dead-letters.*another Kafka client for 5m/),
      cause: { code: INCONSISTENT },
    });
    expect(test.clock.now() - start).toBeGreaterThan(300_000);
    expect(test.clock.now() - start).toBeLessThan(305_000);
    expect(test.cluster.values(TIER)).toEqual([]);
  });

  it('do not hold up the end of the dead letters', async () => {
    produce(3);
    others(Number.POSITIVE_INFINITY);
    const letters = test.letters();
    const replaying = letters.replay();
    await test.clock.advance(10_000);
    const start = test.clock.now();
    await test.done(letters.close());
    expect(await replaying).toMatchObject({ replayed: 0, stopped: 'signal' });
    expect(test.clock.now() - start).toBeLessThan(1_000);
  });
});

describe('a topic of dead letters that is deleted meanwhile', () => {
  const OTHER = 'payments-billing-dlt';
  beforeEach(() => {
    test.cluster.create('payments');
    test.cluster.create(OTHER);
  });
  const gone = () => {
    test.cluster.topics.delete(DLT);
    worker().crash(kafkaError(UNKNOWN, 'unknown topic'));
  };

  it('takes its dead letters with it, and the work ends', async () => {
    produce(50);
    const replaying = replay({ perSecond: 10 });
    await test.clock.advance(1_000);
    gone();
    const { replayed, stopped } = await test.done(replaying);
    expect(stopped).toBeUndefined();
    expect(replayed).toBe(test.cluster.values(TIER).length);
    expect(replayed).toBeLessThan(20);
  });

  it('does not hold up the others, which alone are read from then on', async () => {
    produce(50);
    test.cluster.create('payments-billing-retry-5s');
    test.cluster.produce(OTHER, 0, ...upTo(20).map((value) => died({ value, source: 'payments' })));
    const replaying = replay({ perSecond: 10 });
    await test.clock.advance(1_000);
    expect(worker().membership.topics).toEqual([DLT, OTHER]);
    gone();
    const { targets } = await test.done(replaying);
    expect(worker().membership.topics).toEqual([OTHER]);
    expect(targets).toMatchObject({ 'payments-billing-retry-5s': 20 });
    expect(targets[TIER]).toBeLessThan(20);
  });

  it('is no reason to give up what is there: not all brokers know it yet', async () => {
    produce(2_000);
    const replaying = replay({ perSecond: 1_000 });
    await test.clock.advance(700);
    worker().crash(kafkaError(UNKNOWN, 'unknown topic'));
    expect(await test.done(replaying)).toMatchObject({ replayed: 2_000 });
  });

  it('ends the work where brokers say so again and again of one that is there', async () => {
    produce(2);
    const cause = kafkaError(UNKNOWN, 'unknown topic');
    test.cluster.onJoin = () => {
      throw cause;
    };
    expect(await failure(replay())).toBe(cause);
    expect(test.cluster.values(TIER)).toEqual([]);
  });

  it('ends a list, with what was read before', async () => {
    test.cluster.mostAtOnce = 100;
    produce(3_000);
    const seen = await listed(() => {
      test.cluster.topics.delete(DLT);
      test.cluster.members[0]?.crash(kafkaError(UNKNOWN, 'unknown topic'));
    });
    expect(seen.length).toBeLessThan(3_000);
    expect(seen).toEqual(upTo(seen.length));
  });

  it('ends a list that has not begun with it, since its ledger comes first', async () => {
    const LEDGER = `${DLT}-ledger`;
    test.cluster.create(LEDGER);
    produce(3);
    const transaction: { state: 'open' | 'committed' } = { state: 'open' };
    test.cluster.produce(LEDGER, 0, { value: null, transaction });
    const listing = test.all(test.letters().list());
    await test.clock.advance(1_000);
    test.cluster.topics.delete(DLT);
    test.cluster.members[0]?.crash(kafkaError(UNKNOWN, 'unknown topic'));
    await test.clock.advance(1_000);
    transaction.state = 'committed';
    for (const member of test.cluster.members) member.feed();
    expect(await listing).toEqual([]);
  });
});

describe('reading', () => {
  const list = () => test.all(test.letters().list());
  const open = () => ({ state: 'open' }) as { state: 'open' | 'committed' };

  it('waits for the transaction of another producer, up to two minutes', async () => {
    produce(2);
    const transaction = open();
    test.cluster.produce(DLT, 0, { ...died({ value: 'late' }), transaction });
    const listing = list();
    await test.clock.advance(100_000);
    transaction.state = 'committed';
    test.cluster.produce(DLT, 0, died({ value: 'after the end' }));
    expect((await listing).map(({ offset }) => offset)).toEqual(['0', '1', '2']);
  });

  it('ends in words where nothing comes for two minutes, though there is more', async () => {
    produce(2);
    test.cluster.produce(DLT, 0, { ...died({ value: 'late' }), transaction: open() });
    const start = test.clock.now();
    expect(await failure(test.letters().summary())).toMatchObject({
      code: 'VELO_TIMEOUT',
      message: expect.stringMatching(/^For 2m nothing has come of "orders-billing-dlt" 0, .*Nothing is lost/),
    });
    expect(test.clock.now() - start).toBeGreaterThanOrEqual(120_000);
    expect(test.clock.now() - start).toBeLessThan(121_000);
  });

  it('goes on for as long as something comes', async () => {
    const transactions = [open(), open(), open()];
    for (const transaction of transactions) test.cluster.produce(DLT, 0, { ...died(), transaction });
    const listing = list();
    for (const transaction of transactions) {
      await test.clock.advance(100_000);
      transaction.state = 'committed';
      for (const member of test.cluster.members) member.feed();
    }
    expect(await listing).toHaveLength(3);
  });

  it('is not ahead of its reader by more than a thousand, and goes on when half of that is taken', async () => {
    test.cluster.mostAtOnce = 100;
    produce(3_000);
    const seen: string[] = [];
    const more: (() => void)[] = [];
    const reading = (async () => {
      for await (const { offset } of test.letters().list()) {
        seen.push(offset);
        if ([1, 400, 1_100].includes(seen.length)) await new Promise<void>((resolve) => more.push(resolve));
      }
    })();
    const isPaused = () => test.cluster.members[0]?.paused.has(`${DLT} 0`);
    await test.clock.advance(1_000);
    expect([seen.length, isPaused()]).toEqual([1, true]);
    // A rebalance changes nothing of that.
    test.cluster.members[0]?.assignAll();
    await test.clock.advance(1_000);
    expect(isPaused()).toBe(true);
    more.pop()?.();
    await test.clock.advance(1_000);
    expect([seen.length, isPaused()]).toEqual([400, true]);
    more.pop()?.();
    await test.clock.advance(1_000);
    expect([seen.length, isPaused()]).toEqual([1_100, true]);
    more.pop()?.();
    await test.done(reading);
    expect(seen).toEqual(upTo(3_000));
  });

  it('ends where its topic was made again meanwhile: what it had read is not there any more', async () => {
    test.cluster.mostAtOnce = 100;
    produce(3_000);
    const seen = await listed(() => {
      test.cluster.recreate(DLT);
      produce(3);
    });
    expect(seen.length).toBeLessThan(3_000);
    expect(seen).toEqual(upTo(seen.length));
  });

  it('asks again where the brokers do not tell what a log still has', async () => {
    test.cluster.mostAtOnce = 100;
    produce(3_000);
    const seen: string[] = [];
    let failures = 0;
    const reading = (async () => {
      for await (const { offset } of test.letters().list()) {
        seen.push(offset);
        if (seen.length !== 50) continue;
        test.cluster.onOffsets = () => {
          if (failures++ === 0) throw kafkaError(TIMED_OUT);
        };
        test.cluster.raw(DLT).splice(0, 2_000);
        test.cluster.members[0]?.sink.outOfRange({ topic: DLT, partition: 0 });
      }
    })();
    await test.done(reading);
    expect(failures).toBeGreaterThan(0);
    expect(seen.at(-1)).toBe('2999');
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('has another client where nothing has come yet, and brokers do not tell what the log still has', async () => {
    const transaction = open();
    test.cluster.produce(DLT, 0, { ...died(), transaction });
    const listing = list();
    await test.clock.advance(1_000);
    let failures = 0;
    test.cluster.onOffsets = () => {
      if (failures++ === 0) throw kafkaError(TIMED_OUT);
    };
    test.cluster.members[0]?.sink.outOfRange({ topic: DLT, partition: 0 });
    transaction.state = 'committed';
    await test.clock.advance(10_000);
    expect(test.cluster.members).toHaveLength(2);
    expect(await listing).toHaveLength(1);
  });

  it('has its client bring nothing of what is not asked for, whatever that says of it', async () => {
    test.cluster.create(DLT, 3);
    const transaction = open();
    for (const partition of [0, 1, 2]) test.cluster.produce(DLT, partition, died({ partition }));
    test.cluster.produce(DLT, 1, { ...died({ partition: 1 }), transaction });
    const listing = test.all(test.letters().list({ at: '1:1' }));
    await test.clock.advance(1_000);
    const [member] = test.cluster.members;
    expect(member?.paused).toEqual(new Set([`${DLT} 0`, `${DLT} 2`]));
    for (const partition of [0, 2]) {
      member?.sink.outOfRange({ topic: DLT, partition });
      member?.sink.reached({ topic: DLT, partition }, 1);
    }
    // Nothing is under way that a rebalance would wait for.
    await member?.sink.revoking([{ topic: DLT, partition: 1 }]);
    transaction.state = 'committed';
    member?.feed();
    expect((await listing).map(({ partition, offset }) => [partition, offset])).toEqual([[1, '1']]);
  });

  it('ends with the dead letters, and whoever waits for one is told', async () => {
    produce(2);
    test.cluster.produce(DLT, 0, { ...died(), transaction: open() });
    const letters = test.letters();
    const listing = test.all(letters.list());
    listing.catch(() => {});
    await test.clock.advance(1_000);
    await test.done(letters.close());
    await expect(listing).rejects.toMatchObject({ code: 'VELO_CLOSED' });
  });
});

describe.each(['the ledger is read', 'a target is looked for'])('while %s', (what) => {
  let several: DeadLettersInTest;
  let release: () => void;
  const partitions = [0, 1].map((partition) => ({ topic: DLT, partition }));
  const member = () =>
    several.cluster.members.find(({ membership }) => membership.groupId === WORKERS) as MemoryMember;
  const written = () => [0, 1].map((partition) => several.cluster.log(TIER, partition).length);

  beforeEach(() => {
    several = new DeadLettersInTest(2);
    several.cluster.create(TIER, 2);
    for (const { partition } of partitions)
      several.cluster.produce(
        DLT,
        partition,
        ...upTo(5).map((offset) => died({ partition, offset: Number(offset) })),
      );
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    if (what === 'the ledger is read') several.cluster.onOffsets = () => member() && held;
    else
      several.cluster.onPartitionCount = (topic) =>
        topic === TIER && member() !== undefined ? held : undefined;
  });
  afterEach(() => several.end());

  it.each(['revoking', 'lost'] as const)(
    'a partition may go to another member, %s: nothing of it is written',
    async (how) => {
      const replaying = several.letters().replay();
      await several.clock.advance(1_000);
      void member().sink[how](partitions);
      member().assign(partitions.slice(0, 1));
      release();
      // Having done its own, it leaves after that.
      await several.clock.advance(200);
      expect(written()).toEqual([5, 0]);
      expect(await several.done(replaying)).toMatchObject({ replayed: 10 });
      expect(written()).toEqual([5, 5]);
    },
  );

  it('a rebalance may begin: it does not wait, and nothing is written before it is over', async () => {
    const replaying = several.letters().replay();
    await several.clock.advance(1_000);
    let rests = false;
    void member()
      .sink.revoking(partitions)
      .then(() => {
        rests = true;
      });
    await several.clock.advance(0);
    expect(rests).toBe(true);
    release();
    await several.clock.advance(10_000);
    expect(written()).toEqual([0, 0]);
    member().assign(partitions);
    expect(await several.done(replaying)).toMatchObject({ replayed: 10 });
  });
});

it('partitions take turns: none waits for the others to end', async () => {
  const several = new DeadLettersInTest(3);
  several.cluster.create(TIER, 3);
  for (const partition of [0, 1, 2])
    several.cluster.produce(
      DLT,
      partition,
      ...upTo(6).map((offset) => died({ partition, offset: Number(offset) })),
    );
  await several.done(several.letters().replay({ perSecond: 5 }));
  const times = [0, 1, 2].map((partition) =>
    several.cluster.log(TIER, partition).map(({ timestamp }) => timestamp),
  );
  for (let i = 0; i < 6; i++) {
    const round = times.map((partition) => partition[i] as number);
    // 0.2 s for each of the others.
    expect(Math.max(...round) - Math.min(...round)).toBeLessThanOrEqual(500);
  }
  await several.end();
});

describe('progress', () => {
  it('is told of what is read and of what is done, never falls, and comes to its end', async () => {
    produce(1_700);
    // Deleted by retention before it began.
    test.cluster.raw(DLT).splice(0, 500);
    const told: ReplayProgress[] = [];
    await test.done(replay({ onProgress: (progress) => told.push(progress) }));
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([1_200]));
    for (const [i, { scanned, replayed }] of told.entries()) {
      expect(scanned).toBeGreaterThanOrEqual(told[i - 1]?.scanned ?? 0);
      expect(scanned).toBeGreaterThanOrEqual(replayed);
    }
    expect(told[0]?.scanned).toBeLessThan(1_200);
    expect(told.at(-1)).toMatchObject({ scanned: 1_200, total: 1_200, replayed: 1_200 });
  });

  it('is told while nothing is found that is asked for', async () => {
    test.cluster.mostAtOnce = 100;
    produce(3_500);
    const told: number[] = [];
    const filter = { reason: 'permanent' as const };
    const start = test.clock.now();
    const result = await test.done(replay({ filter, onProgress: ({ scanned }) => told.push(scanned) }));
    expect(result).toMatchObject({ replayed: 0 });
    // No other process is waited for, nor left room.
    expect(test.clock.now() - start).toBeLessThanOrEqual(200);
    // Whenever another thousand was looked at.
    expect(told).toHaveLength(3);
    for (const [i, scanned] of told.entries()) expect(Math.floor(scanned / 1_000), String(told)).toBe(i + 1);
  });
});
