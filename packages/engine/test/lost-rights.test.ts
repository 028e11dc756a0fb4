import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { RIGHTS_LIMIT } from '../src/sending/patience.js';
import { type ConsumerInTest, Consumers, text } from './support/consumers.js';
import { kafkaError } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';

const TIER = 'orders-billing-retry-5s';
const DLT = 'orders-billing-dlt';
const TOPIC_AUTHORIZATION_FAILED = 29;
const GROUP_AUTHORIZATION_FAILED = 30;
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
const refused = () => kafkaError(TOPIC_AUTHORIZATION_FAILED, 'Topic authorization failed');

let consumers: Consumers;
/** What nobody may write to now. */
let closed: Set<string>;

beforeEach(() => {
  consumers = new Consumers();
  closed = new Set();
  consumers.cluster.create('orders');
  consumers.cluster.onPublish = ({ topic }) => (closed.has(topic) ? refused() : undefined);
});

afterEach(() => consumers.end());

function start(config: Partial<ConsumerConfig> = {}): ConsumerInTest {
  return consumers.start(
    {
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] },
      handler: (record, { tier }) => {
        if (text(record)?.startsWith('never')) throw new PermanentError('never');
        if (tier === 0 && text(record)?.startsWith('later')) throw new Error('later');
      },
      ...config,
    },
    'handOff',
    'deadLetter',
    'publishFailed',
    'publishRefused',
    'crashed',
    'dead',
  );
}

describe.each(['at-least-once', 'by-partition', 'by-member'] as const)(
  'the right to write copies, %s',
  (mode) => {
    async function working(): Promise<ConsumerInTest> {
      const { cluster, clock } = consumers;
      if (mode !== 'at-least-once') cluster.transactions = new MemoryTransactions(cluster, mode);
      const started = start({ handOff: mode === 'at-least-once' ? mode : 'transactional' });
      cluster.produce('orders', 0, 'never 1', 'later 1');
      await clock.advance(10_000);
      expect([cluster.values(DLT), cluster.values(TIER)]).toEqual([['never 1'], ['later 1']]);
      return started;
    }

    it.each([DLT, TIER])('that comes back to %s has cost nothing, and was asked for aloud', async (topic) => {
      const { cluster, clock, warnings } = consumers;
      const { told, consumer } = await working();
      closed.add(topic);
      cluster.produce('orders', 0, 'never 2', 'later 2', 'good');
      await clock.advance(RIGHTS_LIMIT - 20_000);
      expect(consumer.health().state).toBe('retrying');
      const failures = told('publishFailed').length;
      expect(failures).toBeGreaterThan(50);
      // Once a minute.
      const asked = warnings.filter((text) => text.includes(`--topic ${topic}`));
      expect(asked).toHaveLength(5);
      expect(asked.at(-1)).toMatch(/\d+ like this were left out/);
      closed.clear();
      await clock.advance(10_000);
      expect([cluster.values(DLT), cluster.values(TIER)]).toEqual([
        ['never 1', 'never 2'],
        ['later 1', 'later 2'],
      ]);
      expect(cluster.committedOffset('orders')).toBe(5);
      expect([told('publishRefused'), told('dead')]).toEqual([[], []]);
      expect(consumer.health().state).toBe('running');
    });

    it('that is gone from a tier for five minutes sends its copies to the dead letters', async () => {
      const { cluster, clock } = consumers;
      const { told } = await working();
      closed.add(TIER);
      cluster.produce('orders', 0, 'later 2', 'later 3');
      await clock.advance(RIGHTS_LIMIT - 10_000);
      expect(told('publishRefused')).toEqual([]);
      await clock.advance(30_000);
      expect(cluster.values(DLT)).toEqual(['never 1', 'later 2', 'later 3']);
      expect(cluster.committedOffset('orders')).toBe(4);
      // From now on it is known: the next copy does not wait.
      cluster.produce('orders', 0, 'later 4');
      await clock.advance(1_000);
      expect(cluster.values(DLT)).toHaveLength(4);
    });

    it('that never was there is not waited for', async () => {
      const { cluster, clock } = consumers;
      if (mode !== 'at-least-once') cluster.transactions = new MemoryTransactions(cluster, mode);
      closed.add(TIER);
      start({ handOff: mode === 'at-least-once' ? mode : 'transactional' });
      cluster.produce('orders', 0, 'later');
      await clock.advance(1_000);
      expect(cluster.values(DLT)).toEqual(['later']);
    });
  },
);

it.each([TRANSACTIONAL_ID_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED])(
  'transactions that are refused with %i and were not before are tried until they work',
  async (code) => {
    const { cluster, clock } = consumers;
    const transactions = new MemoryTransactions(cluster);
    cluster.transactions = transactions;
    const { told } = start({ handOff: 'transactional' });
    cluster.produce('orders', 0, 'never 1');
    await clock.advance(10_000);
    transactions.onTransact = () => kafkaError(code);
    cluster.produce('orders', 0, 'never 2');
    await clock.advance(200_000);
    transactions.onTransact = () => 'commit';
    await clock.advance(10_000);
    expect(cluster.values(DLT)).toEqual(['never 1', 'never 2']);
    expect(told('dead')).toEqual([]);
  },
);

describe('the rights of a member', () => {
  it.each([
    { worked: 10_000 },
    // A record has come: that is as good as time.
    { worked: 100 },
  ])('that come back within five minutes cost no record: it had them for $worked ms', async ({ worked }) => {
    const { cluster, clock, warnings } = consumers;
    const handled: (string | null)[] = [];
    const { told, consumer } = start({ handler: (record) => void handled.push(text(record)) });
    cluster.produce('orders', 0, 'a');
    await clock.advance(worked);
    cluster.onJoin = () => {
      throw refused();
    };
    cluster.members[0]?.crash(refused());
    cluster.produce('orders', 0, 'b');
    await clock.advance(RIGHTS_LIMIT - 20_000);
    expect(consumer.health().state).toBe('retrying');
    expect(told('crashed').length).toBeGreaterThan(30);
    expect(warnings).toHaveLength(5);
    expect(warnings[0]).toMatch(/Nothing is lost[\s\S]*kafka-acls --add/);
    cluster.onJoin = () => {};
    await clock.advance(20_000);
    expect(handled).toEqual(['a', 'b']);
    expect(consumer.health().state).toBe('running');
  });

  it('that do not come back are its end, after five minutes', async () => {
    const { cluster, clock } = consumers;
    const { told } = start();
    await clock.advance(10_000);
    cluster.onJoin = () => {
      throw refused();
    };
    cluster.members[0]?.crash(refused());
    await clock.advance(RIGHTS_LIMIT - 10_000);
    expect(told('dead')).toEqual([]);
    await clock.advance(30_000);
    expect(told('dead')).toHaveLength(1);
    expect(told('crashed')).toHaveLength(35);
  });

  it('to know where its partitions stand may be missing as long, after a rebalance', async () => {
    const { cluster, clock, warnings } = consumers;
    const handled: (string | null)[] = [];
    const { told } = start({ handler: (record) => void handled.push(text(record)) });
    await clock.advance(10_000);
    cluster.onCommitted = () => Promise.reject(refused());
    cluster.members[0]?.assignAll();
    cluster.produce('orders', 0, 'a');
    await clock.advance(RIGHTS_LIMIT - 20_000);
    expect(warnings.at(-1)).toMatch(/Where group "billing" stands[\s\S]*kafka-acls --add/);
    cluster.onCommitted = () => {};
    await clock.advance(10_000);
    expect([handled, told('dead')]).toEqual([['a'], []]);
    cluster.onCommitted = () => Promise.reject(refused());
    cluster.members[0]?.assignAll();
    await clock.advance(RIGHTS_LIMIT + 10_000);
    expect(told('dead')).toHaveLength(1);
  });

  it('to know where its partitions stand, if it never had them, are its end at once', async () => {
    const { cluster, clock } = consumers;
    cluster.onCommitted = () => Promise.reject(refused());
    const { joined, told } = start();
    await clock.advance(1_000);
    await expect(joined).rejects.toMatchObject({ code: 'VELO_CONSUMER_DEAD' });
    expect(told('dead')).toHaveLength(1);
  });
});
