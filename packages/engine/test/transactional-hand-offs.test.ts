import { fixed, PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HandOver, TransactionOutcome, TransactionScope } from '../src/binding/binding.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { TopicPatience } from '../src/sending/patience.js';
import type { RecordLane } from '../src/sending/record-lane.js';
import {
  TransactionalHandOffs,
  type TransactionalHandOffsOptions,
} from '../src/sending/transactional-hand-offs.js';
import { type ConsumerInTest, Consumers, text } from './support/consumers.js';
import { recordAt } from './support/lane-in-test.js';
import { kafkaError, type MemoryMember } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';
import { settle } from './support/virtual-clock.js';

const DLT = 'orders-billing-dlt';
const MESSAGE_TOO_LARGE = 10;
const NOT_ENOUGH_REPLICAS = 19;
const GROUP_AUTHORIZATION_FAILED = 30;

let consumers: Consumers;
let transactions: MemoryTransactions;

beforeEach(() => {
  consumers = new Consumers();
  transactions = new MemoryTransactions(consumers.cluster);
  consumers.cluster.transactions = transactions;
});

afterEach(() => consumers.end());

/** Values that begin with `bad` go to the dead letters at once. */
function start(config: Partial<ConsumerConfig> = {}): ConsumerInTest {
  return consumers.start(
    {
      handOff: 'transactional',
      handler: (record) => {
        if (text(record)?.startsWith('bad')) throw new PermanentError('never');
      },
      ...config,
    },
    'deadLetter',
    'handOff',
    'publishFailed',
    'publishRefused',
    'skipped',
    'dead',
    'revoked',
    'assigned',
  );
}

const letters = (partition = 0) => consumers.cluster.values(DLT, partition);
const member = (index = 0) => consumers.cluster.members[index] as MemoryMember;
const bad = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `bad ${from + i}`);
/** What the partition's transactions have committed. */
const steps = () => transactions.committed.map(({ offsets, copies }) => [offsets[0]?.offset, copies]);

describe.each<TransactionScope>(['by-partition', 'by-member'])('a transactional hand-off, %s', (scope) => {
  beforeEach(() => {
    transactions = new MemoryTransactions(consumers.cluster, scope);
    consumers.cluster.transactions = transactions;
  });

  it('commits copy and offset together, with the metadata of the group, once what was before it has finished', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'bad 1', 'b', 'c');
    const { told, consumer } = start();
    await clock.advance(1_000);
    expect(letters()).toEqual(['bad 1']);
    expect(steps()).toEqual([[2, 1]]);
    expect(cluster.committed.get('orders 0')).toEqual({ offset: 4, metadata: 'velo:partitions=1;' });
    expect(told('deadLetter')).toHaveLength(1);
    expect(consumer.health()).toMatchObject({ state: 'running', pendingHandOffs: 0 });
  });

  it('goes when what was before it has finished beside it, whatever comes next', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    start({
      concurrency: 4,
      handler: async (record) => {
        if (text(record) === 'bad') throw new PermanentError('never');
        await new Promise<void>((resolve) => clock.schedule(500, resolve));
      },
    });
    await clock.advance(100);
    cluster.produce('orders', 0, 'slow', 'bad');
    await clock.advance(400);
    expect(letters()).toEqual([]);
    await clock.advance(600);
    expect(letters()).toEqual(['bad']);
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('is dropped with its partition while it waits, and while its transaction is undone', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const { consumer } = start({
      concurrency: 4,
      handler: (record) => {
        if (text(record)?.startsWith('bad')) throw new PermanentError('never');
        return text(record) === 'slow' ? new Promise(() => {}) : undefined;
      },
    });
    await clock.advance(100);
    let undo = () => {};
    transactions.onTransact = () => new Promise((resolve) => (undo = () => resolve(new Error('undone'))));
    cluster.produce('orders', 0, 'bad 1', 'slow', 'bad 2');
    await clock.advance(100);
    expect(consumer.health().pendingHandOffs).toBe(2);
    member().assign([]);
    await clock.advance(100);
    expect(consumer.health().pendingHandOffs).toBe(1);
    undo();
    await clock.advance(100);
    expect(consumer.health().pendingHandOffs).toBe(0);
    expect(letters()).toEqual([]);
  });

  it('takes all copies that have come while the last transaction was under way, at most 500 of them', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    // Hundreds in a row are to become dead letters.
    start({ flow: { guard: false } });
    await clock.advance(100);
    transactions.onTransact = () => new Promise((resolve) => clock.schedule(20, () => resolve('commit')));
    cluster.produce('orders', 0, 'bad 0');
    await clock.advance(5);
    cluster.produce('orders', 0, ...bad(700, 1), 'good');
    await clock.advance(1_000);
    expect(steps()).toEqual([
      [1, 1],
      [501, 500],
      [702, 200],
    ]);
    expect(letters()).toEqual(bad(701));
  });

  it('counts what was committed as written, though its answer was lost', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, ...bad(3));
    const fates = ['lost', 'lost'] as ('lost' | 'commit')[];
    transactions.onTransact = () => fates.shift() ?? 'commit';
    const { told } = start();
    await clock.advance(5_000);
    expect(letters()).toEqual(bad(3));
    expect(told('deadLetter')).toHaveLength(3);
    expect(told('publishFailed').length).toBeGreaterThan(0);
    expect(cluster.committedOffset('orders')).toBe(3);
  });

  it('writes again what hung, once the transaction is known to be undone', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, ...bad(3));
    const fates = ['hung', 'hung'] as ('hung' | 'commit')[];
    transactions.onTransact = () => fates.shift() ?? 'commit';
    const { told, consumer } = start();
    await clock.advance(50);
    expect(consumer.health()).toMatchObject({ state: 'retrying', pendingHandOffs: 3 });
    await clock.advance(5_000);
    expect(letters()).toEqual(bad(3));
    expect(told('deadLetter')).toHaveLength(3);
    expect(consumer.health().state).toBe('running');
  });

  it('handles no record again because its transaction was aborted, and handles none before its end is known', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const seen: unknown[] = [];
    start({
      handler: (record) => {
        seen.push(text(record));
        if (text(record)?.startsWith('bad')) throw new PermanentError('never');
      },
    });
    await clock.advance(100);
    let aborted = false;
    transactions.onTransact = () => {
      if (aborted) return 'commit';
      aborted = true;
      return new Error('connection lost');
    };
    cluster.produce('orders', 0, 'bad 0');
    await clock.advance(50);
    cluster.produce('orders', 0, 'next');
    await clock.advance(20);
    expect(seen).toEqual(['bad 0']);
    await clock.advance(1_000);
    expect(seen).toEqual(['bad 0', 'next']);
    expect(letters()).toEqual(['bad 0']);
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('commits nothing plainly while a transaction of the partition is open, or may be', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    start();
    await clock.advance(100);
    let fate: (fate: 'hung') => void = () => {};
    transactions.onTransact = () =>
      new Promise((resolve) => {
        fate = resolve;
      });
    cluster.commits.length = 0;
    cluster.produce('orders', 0, 'good', 'bad');
    await clock.advance(10);
    cluster.produce('orders', 0, 'good', 'good');
    await clock.advance(2_000);
    expect(cluster.commits).toEqual([]);
    transactions.onFence = () => new Promise((resolve) => clock.schedule(1_000, resolve));
    transactions.onTransact = () => 'commit';
    fate('hung');
    await clock.advance(900);
    expect(cluster.commits).toEqual([]);
    await clock.advance(2_000);
    expect(cluster.committedOffset('orders')).toBe(4);
    expect(letters()).toEqual(['bad']);
  });

  it('waits for a plain commit that is under way, which could come after it and move the offset back', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    start();
    await clock.advance(100);
    let answer: () => void = () => {};
    cluster.onCommit = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    cluster.produce('orders', 0, 'good');
    await clock.advance(500);
    cluster.produce('orders', 0, 'bad');
    await clock.advance(500);
    expect(steps()).toEqual([]);
    cluster.onCommit = () => {};
    answer();
    await clock.advance(100);
    expect(steps()).toEqual([[2, 1]]);
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('hands over what is pending before the partition goes, and leaves nothing to the next owner', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    start();
    await clock.advance(100);
    transactions.onTransact = () => new Promise((resolve) => clock.schedule(200, () => resolve('commit')));
    cluster.produce('orders', 0, 'bad');
    await clock.advance(10);
    let over = false;
    void member()
      .sink.revoking([{ topic: 'orders', partition: 0 }])
      .then(() => {
        over = true;
      });
    await clock.advance(150);
    expect(over).toBe(false);
    await clock.advance(100);
    expect(over).toBe(true);
    expect(cluster.committedOffset('orders')).toBe(1);
  });

  it('finishes a transaction that is under way at a stop', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const { consumer, told } = start();
    await clock.advance(100);
    transactions.onTransact = () => new Promise((resolve) => clock.schedule(300, () => resolve('commit')));
    cluster.produce('orders', 0, ...bad(2));
    await clock.advance(10);
    const stopped = consumer.stop();
    await clock.advance(1_000);
    await stopped;
    expect(letters()).toEqual(bad(2));
    expect(cluster.committedOffset('orders')).toBe(2);
    expect(told('deadLetter')).toHaveLength(2);
  });

  it('leaves a transaction that fails at a stop to the next member, and stops without delay', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const { consumer } = start();
    await clock.advance(100);
    transactions.onTransact = () => new Promise((resolve) => clock.schedule(300, () => resolve('hung')));
    cluster.produce('orders', 0, 'bad', 'good');
    await clock.advance(10);
    let stopped = false;
    void consumer.stop().then(() => {
      stopped = true;
    });
    await clock.advance(1_000);
    expect(stopped).toBe(true);
    expect(cluster.committedOffset('orders')).toBe(0);
    transactions.onTransact = () => 'commit';
    start();
    await clock.advance(1_000);
    expect(letters()).toEqual(['bad']);
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('does nothing more for a member that was thrown out, and the partition goes on with its new owner', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    start();
    await clock.advance(100);
    let wake: () => void = () => {};
    transactions.onTransact = () =>
      new Promise((resolve) => {
        wake = () => resolve('commit');
      });
    cluster.produce('orders', 0, ...bad(3));
    await clock.advance(50);
    // It sleeps, with an open transaction; another member gets the partition.
    member(0).inGroup = false;
    transactions.onTransact = () => 'commit';
    start();
    await clock.advance(1_000);
    expect(letters()).toEqual(bad(3));
    const { length } = transactions.committed;
    wake();
    await clock.advance(30_000);
    expect(transactions.committed).toHaveLength(length);
    // Each of its fences has cost the owner a transaction, which is tried again.
    cluster.produce('orders', 0, ...bad(2, 3));
    await clock.advance(30_000);
    expect(letters()).toEqual(bad(5));
    expect(cluster.committedOffset('orders')).toBe(5);
  });
});

describe('a copy that the brokers refuse', () => {
  const refuse = (name: string) => {
    consumers.cluster.onPublish = (record) =>
      record.value?.toString() === name ? kafkaError(MESSAGE_TOO_LARGE) : undefined;
  };

  it.each([false, true])(
    'alone is given up, of the others none (told as one of several: %s)',
    async (together) => {
      const { cluster, clock } = consumers;
      transactions.suspectsTogether = together;
      cluster.create('orders');
      cluster.produce('orders', 0, ...bad(6));
      refuse('bad 3');
      const { told } = start({ refused: 'skip' });
      await clock.advance(10_000);
      expect(letters()).toEqual(bad(6).filter((name) => name !== 'bad 3'));
      expect(told('skipped').map(({ record }) => text(record))).toEqual(['bad 3']);
      expect(cluster.committedOffset('orders')).toBe(6);
    },
  );

  it('goes once more without the texts of its error', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'good', 'bad', 'good');
    cluster.onPublish = (record) =>
      record.headers.some(([name, value]) => name === 'velo-error-message' && value !== '')
        ? kafkaError(MESSAGE_TOO_LARGE)
        : undefined;
    const { told } = start();
    await clock.advance(1_000);
    expect(letters()).toEqual(['bad']);
    // As it was, and compressed.
    expect(told('publishRefused')).toHaveLength(2);
    expect(cluster.committedOffset('orders')).toBe(3);
  });

  it('stops the consumer before its record: nothing is committed past it, no copy behind it is seen', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'good', ...bad(6), 'good');
    refuse('bad 2');
    const { told, consumer } = start();
    await clock.advance(2_000);
    expect(told('dead')).toHaveLength(1);
    expect(consumer.health()).toMatchObject({ state: 'dead', error: { code: 'VELO_PUBLISH_REFUSED' } });
    expect(cluster.committedOffset('orders')).toBe(3);
    expect(letters()).toEqual(bad(2));
  });

  it('leaves the copies of other partitions be, where one transaction carries them all', async () => {
    transactions = new MemoryTransactions(consumers.cluster, 'by-member');
    const { cluster, clock } = consumers;
    cluster.transactions = transactions;
    cluster.create('orders', 2);
    cluster.produce('orders', 0, 'bad 0', 'bad 1');
    cluster.produce('orders', 1, 'bad 2', 'bad 3');
    refuse('bad 2');
    const { told } = start({ refused: 'skip' });
    await clock.advance(10_000);
    expect(letters(0)).toEqual(['bad 0', 'bad 1']);
    expect(letters(1)).toEqual(['bad 3']);
    expect(told('skipped')).toHaveLength(1);
    expect(told('dead')).toEqual([]);
    expect([cluster.committedOffset('orders', 0), cluster.committedOffset('orders', 1)]).toEqual([2, 2]);
  });

  it('is not refused by an error that passes', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, ...bad(3));
    let left = 4;
    cluster.onPublish = () => (left-- > 0 ? kafkaError(NOT_ENOUGH_REPLICAS) : undefined);
    const { told } = start();
    await clock.advance(10_000);
    expect(letters()).toEqual(bad(3));
    expect(told('publishRefused')).toEqual([]);
    expect(told('publishFailed').map(({ delay }) => delay)).toEqual([100, 200, 400, 800]);
  });
});

describe('a rebalance in the middle of a transaction', () => {
  it('makes the end of the transaction sure before the partition goes on', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    start();
    await clock.advance(100);
    const answers: (() => void)[] = [];
    transactions.onTransact = () => new Promise((resolve) => answers.push(() => resolve('commit')));
    cluster.produce('orders', 0, ...bad(3));
    await clock.advance(50);
    const before = transactions.fenced.length;
    member().assign([{ topic: 'orders', partition: 0 }]);
    await clock.advance(50);
    expect(transactions.fenced.length).toBe(before + 1);
    // The fence has aborted it; its late answer changes nothing.
    transactions.onTransact = () => 'commit';
    answers[0]?.();
    await clock.advance(1_000);
    expect(letters()).toEqual(bad(3));
    expect(cluster.committedOffset('orders')).toBe(3);
  });

  it('neither repeats nor forgets what was committed just before', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const { told } = start();
    await clock.advance(100);
    let answer: () => void = () => {};
    const { transact } = transactions;
    transactions.transact = async (...args) => {
      const outcomes = await transact.apply(transactions, args);
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return outcomes;
    };
    cluster.produce('orders', 0, 'bad');
    await clock.advance(50);
    expect(letters()).toEqual(['bad']);
    member().assign([{ topic: 'orders', partition: 0 }]);
    await clock.advance(50);
    expect(told('deadLetter')).toHaveLength(1);
    transactions.transact = transact;
    answer();
    cluster.produce('orders', 0, 'bad 2');
    await clock.advance(1_000);
    expect(letters()).toEqual(['bad', 'bad 2']);
    expect(told('deadLetter')).toHaveLength(2);
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('leaves the copies of a partition that is gone to its new owner', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders', 2);
    const { told } = start();
    await clock.advance(100);
    const answers: (() => void)[] = [];
    transactions.onTransact = () => new Promise((resolve) => answers.push(() => resolve('hung')));
    cluster.produce('orders', 1, ...bad(2));
    await clock.advance(50);
    member().assign([{ topic: 'orders', partition: 0 }]);
    for (const answer of answers) answer();
    await clock.advance(10_000);
    expect(told('deadLetter')).toEqual([]);
    expect(cluster.committedOffset('orders', 1)).toBe(0);
    transactions.onTransact = () => 'commit';
    member().assign([
      { topic: 'orders', partition: 0 },
      { topic: 'orders', partition: 1 },
    ]);
    await clock.advance(1_000);
    expect(letters(1)).toEqual(bad(2));
    expect(cluster.committedOffset('orders', 1)).toBe(2);
  });
});

describe('an assignment', () => {
  it('reads the committed offsets after the fence, or it would not see the last transaction of the former owner', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, ...bad(3));
    transactions.onFence = () => {
      // The former owner's transaction commits while it is fenced.
      cluster.committed.set('orders 0', { offset: 2, metadata: '' });
    };
    start();
    await clock.advance(1_000);
    expect(letters()).toEqual(['bad 2']);
  });

  it('holds its partitions until the fence has succeeded', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad');
    let failures = 3;
    transactions.onFence = () => {
      if (failures-- > 0) throw kafkaError(15);
    };
    const seen: unknown[] = [];
    const { joined } = start({ handler: (record) => seen.push(text(record)) });
    await clock.advance(250);
    expect(seen).toEqual([]);
    await clock.advance(1_000);
    await joined;
    expect(seen).toEqual(['bad']);
  });

  it('of a client without transactions is refused when the consumer is made', () => {
    consumers.cluster.transactions = undefined;
    expect(() => consumers.create({ handOff: 'transactional' })).toThrow(
      expect.objectContaining({ code: 'VELO_NOT_SUPPORTED' }),
    );
  });

  it('with more partitions than the client has producers for ends the start, saying how many and what to do', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders', 6);
    const { joined } = start();
    await clock.advance(1_000);
    await expect(joined).rejects.toMatchObject({
      code: 'VELO_NOT_SUPPORTED',
      message: expect.stringMatching(/owns 6 partitions.* 5 is the most.*more members/),
    });
    expect(transactions.fenced).toEqual([]);
  });

  it('is explained with the number of producers and the timeout', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders', 3);
    const { consumer } = start();
    expect(consumer.explain()).toContain('0 now, 5 at most');
    await clock.advance(1_000);
    expect(consumer.explain()).toContain('3 now, 5 at most');
    expect(consumer.explain()).toContain('after 10s');
    expect(consumers.create().explain()).not.toContain('transaction');
  });

  it('commits where it begins before anything is handled: that alone tells a member from one that was thrown out', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'a', 'b');
    cluster.committed.set('orders 0', { offset: 1, metadata: 'velo:partitions=1;' });
    const seen: unknown[] = [];
    cluster.autoAssign = false;
    start({ handler: (record) => seen.push(text(record)) });
    await clock.advance(10);
    member().inGroup = false;
    member().assign([{ topic: 'orders', partition: 0 }]);
    await clock.advance(5_000);
    expect(seen).toEqual([]);
    member().inGroup = true;
    await clock.advance(10_000);
    expect(seen).toEqual(['b']);
    expect(cluster.commits[0]).toEqual([
      { topic: 'orders', partition: 0, offset: 1, metadata: 'velo:partitions=1;' },
    ]);
  });

  it('fences nothing where copies go at least once', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.produce('orders', 0, 'bad');
    start({ handOff: 'at-least-once' });
    await clock.advance(1_000);
    expect(transactions.fenced).toEqual([]);
    expect(transactions.committed).toEqual([]);
    expect(letters()).toEqual(['bad']);
  });
});

it('a transaction that no retry mends ends the consumer, with what a person must change', async () => {
  const { cluster, clock } = consumers;
  cluster.create('orders');
  cluster.produce('orders', 0, 'bad');
  transactions.onTransact = () => kafkaError(GROUP_AUTHORIZATION_FAILED, 'Group authorization failed');
  const { told, consumer } = start();
  await clock.advance(1_000);
  expect(consumer.health().state).toBe('dead');
  expect(told('dead')[0]?.explanation).toMatch(/group|permission|ACL/i);
});

it('a tier’s record leaves for the next tier with its offset in one transaction', async () => {
  const { cluster, clock } = consumers;
  cluster.create('orders');
  cluster.produce('orders', 0, 'flaky');
  start({
    retry: { inPlace: { maxAttempts: 1 }, tiers: ['1s', '5s'] },
    handler: () => {
      throw new Error('down');
    },
  });
  await clock.advance(10_000);
  expect(transactions.committed.map(({ offsets }) => offsets[0]?.topic)).toEqual([
    'orders',
    'orders-billing-retry-1s',
    'orders-billing-retry-5s',
  ]);
  expect(letters()).toEqual(['flaky']);
});

describe('an assignment that comes while a hand-over is', () => {
  const record = { topic: DLT, partition: 0, key: null, value: 'v', headers: [] };

  /** One copy of one lane; `doubt` is what an assignment does to it. */
  function oneCopy(options: Partial<TransactionalHandOffsOptions>) {
    let doubts = 0;
    const told: string[] = [];
    const lane = {
      topic: 'orders',
      partition: 0,
      closed: false,
      get doubts() {
        return doubts;
      },
      positionAfter: ([offset]: readonly number[]) => ({
        topic: 'orders',
        partition: 0,
        offset: (offset as number) + 1,
      }),
      awaits: () => true,
      beginTransaction: () => {},
      endTransaction: () => told.push('ended'),
      hold: () => told.push('held'),
    };
    const handOffs = new TransactionalHandOffs({
      scope: 'by-partition',
      ready: async (handOver) => handOver,
      transact: async (handOvers) => {
        told.push('sent');
        return handOvers.map(() => ({ committed: true }));
      },
      judge: async (_, error) => error,
      quiet: () => undefined,
      reopen: () => told.push('reopened'),
      strategy: fixed(100),
      onRetry: () => told.push('retried'),
      onHopeless: () => told.push('hopeless'),
      patience: new TopicPatience(consumers.clock),
      clock: consumers.clock,
      ...options,
    });
    const copy = {
      record,
      wanted: () => true,
      written: () => told.push('written'),
      refused: () => told.push('refused'),
      dropped: () => told.push('dropped'),
    };
    handOffs.add(copy, lane as unknown as RecordLane, recordAt(4));
    return { handOffs, lane: lane as unknown as RecordLane, told, doubt: () => doubts++ };
  }

  it('made ready keeps it from being sent: another member may have had the partition meanwhile', async () => {
    let ready: (handOver: HandOver) => void = () => {};
    const { handOffs, lane, told, doubt } = oneCopy({
      ready: () =>
        new Promise((resolve) => {
          ready = resolve;
        }),
    });
    await settle();
    doubt();
    handOffs.opened(lane, 5);
    ready({ offset: { topic: 'orders', partition: 0, offset: 5 }, copies: [record] });
    await settle();
    expect(told).toEqual(['dropped']);
    handOffs.close();
  });

  it('under way opens the lane by itself: a late failure changes nothing', async () => {
    let fail: (outcomes: readonly TransactionOutcome[]) => void = () => {};
    const { handOffs, lane, told, doubt } = oneCopy({
      transact: () =>
        new Promise((resolve) => {
          fail = resolve;
        }),
    });
    await settle();
    doubt();
    handOffs.opened(lane, 5);
    fail([{ committed: false, error: new Error('fenced') }]);
    await settle();
    expect(told).toEqual(['written']);
    expect(handOffs.pending).toBe(0);
    handOffs.close();
  });
});
