import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../src/binding/record.js';
import type { ConsumerConfig, HandlerContext } from '../src/plan/config.js';
import { createVeloOn } from '../src/velo.js';
import { Consumers, text } from './support/consumers.js';
import { kafkaError, type MemoryCluster, type MemoryMember, type Stored } from './support/memory-cluster.js';
import type { VirtualClock } from './support/virtual-clock.js';

const REPLAY = 'orders-billing-replay';
const LETTERS = 'orders-billing-dlt';
/** A consumer looks for replay topics after 40 to 80 s. */
const LOOK = 80_000;
const TOPIC_AUTHORIZATION_FAILED = 29;

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;
let handled: { readonly value: string | null; readonly topic: string; readonly context: HandlerContext }[];

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
  cluster.create('orders');
  handled = [];
});
afterEach(() => consumers.end());

const handler = (record: KafkaRecord, context: HandlerContext) => {
  handled.push({ value: text(record), topic: record.topic, context });
  if (text(record)?.startsWith('bad')) throw new Error('no');
  if (text(record)?.startsWith('never')) throw new PermanentError('never');
};
const values = () => handled.map(({ value }) => value);

/** A dead letter as `replay()` sends it back. */
function replayed(value: string, offset: number, headers: Record<string, string> = {}): Partial<Stored> {
  const own = {
    'velo-version': '1',
    'velo-group': 'billing',
    'velo-attempt': '0',
    'velo-original-topic': 'orders',
    'velo-original-partition': '0',
    'velo-original-offset': String(offset),
    'velo-original-timestamp': '1700000000000',
    'velo-due': String(clock.wallTime()),
    'velo-replays': '1',
    ...headers,
  };
  return {
    key: Buffer.from('key'),
    value: Buffer.from(value),
    headers: Object.entries(own).map(([name, text]) => [name, Buffer.from(text)]),
  };
}

async function running(config: Partial<ConsumerConfig> = {}) {
  const consumer = consumers.start(
    { handler, ...config },
    'crashed',
    'restarted',
    'dead',
    'late',
    'deadLetter',
  );
  await clock.advance(100);
  await consumer.joined;
  return consumer;
}

const headersOf = (topic: string, at = 0) =>
  Object.fromEntries(cluster.log(topic)[at]?.headers.map(([name, value]) => [name, String(value)]) ?? []);

describe('a replay topic that is there at the start', () => {
  it.each([{ tiers: [] }, { tiers: ['5s'] }] as const)(
    'is read from the earliest, as the source is handled: tiers $tiers',
    async ({ tiers }) => {
      cluster.create(REPLAY);
      cluster.produce(REPLAY, 0, replayed('a', 42), replayed('b', 43));
      const { told } = await running({ startFrom: 'latest', retry: { tiers } });
      expect(values()).toEqual(['a', 'b']);
      expect(handled[0]?.context).toMatchObject({ tier: 0, attempt: 1, totalAttempts: 1, id: 'orders/0/42' });
      expect(handled[0]?.context.source).toMatchObject({ topic: 'orders', partition: 0, offset: '42' });
      await clock.advance(10_000);
      expect(cluster.committedOffset(REPLAY)).toBe(2);
      expect(told('late')).toEqual([]);
    },
  );

  it('is not that of another group, or of another topic', async () => {
    for (const topic of ['orders-shipping-replay', 'payments-billing-replay']) cluster.create(topic);
    cluster.produce('orders-shipping-replay', 0, replayed('a', 42));
    cluster.produce('payments-billing-replay', 0, replayed('a', 42));
    await running();
    await clock.advance(LOOK);
    expect(values()).toEqual([]);
    expect(cluster.members[0]?.membership.topics).toEqual(['orders']);
  });

  it('hands its failed records on as the source does, and the next dead letter knows how often it was replayed', async () => {
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('bad', 42, { 'velo-replays': '2' }));
    await running({ retry: { inPlace: { maxAttempts: 2 }, tiers: ['5s'] } });
    await clock.advance(20_000);
    expect(handled.map(({ topic, context }) => [topic, context.attempt, context.totalAttempts])).toEqual([
      [REPLAY, 1, 1],
      [REPLAY, 2, 2],
      ['orders-billing-retry-5s', 1, 3],
      ['orders-billing-retry-5s', 2, 4],
    ]);
    expect(headersOf('orders-billing-retry-5s')).toMatchObject({ 'velo-replays': '2' });
    expect(headersOf(LETTERS)).toMatchObject({
      'velo-replays': '2',
      'velo-original-topic': 'orders',
      'velo-original-offset': '42',
      'velo-attempt': '4',
      'velo-reason': 'exhausted',
    });
  });

  it('never sends a record round: a forged wait counts nothing there', async () => {
    cluster.create(REPLAY);
    const forged = {
      'velo-tier': '1',
      'velo-tier-attempts': '3',
      'velo-due': String(clock.wallTime() + 1e9),
    };
    cluster.produce(REPLAY, 0, replayed('a', 42, forged));
    await running();
    expect(values()).toEqual(['a']);
    expect(handled[0]?.context).toMatchObject({ tier: 0, attempt: 1 });
    expect(cluster.log(REPLAY)).toHaveLength(1);
  });

  it('is held with its source', async () => {
    cluster.create(REPLAY);
    const { consumer } = await running();
    consumer.pause(['orders']);
    cluster.produce(REPLAY, 0, replayed('a', 42));
    await clock.advance(1_000);
    expect(values()).toEqual([]);
    consumer.resume(['orders']);
    await clock.advance(1_000);
    expect(values()).toEqual(['a']);
  });

  it('has its records in batches, and side by side, as the source has', async () => {
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('a', 42), { ...replayed('b', 43), key: null });
    const batches: (string | null)[][] = [];
    await running({
      handler: undefined,
      order: 'none',
      batch: { handler: (records) => void batches.push((records as KafkaRecord[]).map(text)), maxWait: 10 },
    } as Partial<ConsumerConfig>);
    await clock.advance(1_000);
    expect(batches).toEqual([['a', 'b']]);
  });

  it('grows with its source, where velo may change topics', async () => {
    cluster.create(REPLAY);
    const { consumer } = await running();
    cluster.create('orders', 3);
    cluster.members[0]?.assignAll();
    await clock.advance(2_000);
    expect(cluster.topics.get(REPLAY)).toHaveLength(3);
    expect(consumer.health().state).toBe('running');
  });

  it('is never made or changed with topology.create never', async () => {
    cluster.create('orders', 2);
    cluster.create(LETTERS, 2);
    await running({ topology: { create: 'never' } });
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('a', 42));
    await clock.advance(LOOK + 1_000);
    expect(values()).toEqual(['a']);
    expect(cluster.topics.get(REPLAY)).toHaveLength(1);
    expect(cluster.created).toEqual([]);
  });
});

describe('a replay topic that appears while the consumer runs', () => {
  it('is read within 80 s by a new member; nothing is lost, nothing comes twice, nothing has crashed', async () => {
    const { told, consumer } = await running();
    cluster.produce('orders', 0, 'one', 'two');
    await clock.advance(1_000);
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('again', 42));
    await clock.advance(LOOK);
    cluster.produce('orders', 0, 'three');
    await clock.advance(1_000);
    expect(values()).toEqual(['one', 'two', 'again', 'three']);
    expect(cluster.members).toHaveLength(2);
    expect(cluster.members[1]?.membership).toMatchObject({
      topics: ['orders', REPLAY],
      families: [['orders', REPLAY]],
    });
    expect([...told('crashed'), ...told('restarted')]).toEqual([]);
    expect(consumer.health()).toMatchObject({ state: 'running', restarts: 0 });
    await clock.advance(10 * LOOK);
    expect(cluster.members).toHaveLength(2);
  });

  it('waits for handlers that run, and starts none meanwhile', async () => {
    let end = () => {};
    await running({
      handler: (record: KafkaRecord, context: HandlerContext) => {
        handler(record, context);
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      },
    });
    cluster.create(REPLAY);
    for (let waited = 0; handled.length === 0 || waited < LOOK; waited += 1_000) {
      // Something always runs, so the look meets a handler.
      if (handled.length === 0) cluster.produce('orders', 0, 'one', 'two');
      await clock.advance(1_000);
    }
    await clock.advance(20_000);
    expect(values()).toEqual(['one']);
    expect(cluster.members).toHaveLength(2);
    end();
    await clock.advance(1_000);
    expect(values()).toEqual(['one', 'two']);
    expect(handled[0]?.context.signal.aborted).toBe(false);
    end();
  });

  it('waits for copies that are on their way: another member would make them again', async () => {
    let hasLooked = false;
    let write = () => {};
    const written = new Promise<undefined>((resolve) => {
      write = () => resolve(undefined);
    });
    await running();
    cluster.onPublish = () => written;
    cluster.produce('orders', 0, 'never');
    cluster.create(REPLAY);
    cluster.onList = () => {
      hasLooked = true;
      return [...cluster.topics.keys()];
    };
    while (!hasLooked) await clock.advance(1_000);
    await clock.advance(5_000);
    expect(cluster.members).toHaveLength(1);
    write();
    await clock.advance(1_000);
    expect(cluster.members).toHaveLength(2);
    expect(cluster.values(LETTERS)).toEqual(['never']);
    expect(values()).toEqual(['never']);
  });

  it('may be made again while the member that reads the former one has not left yet', async () => {
    cluster.tellsIds = true;
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('first', 42));
    let end = () => {};
    const { consumer, told } = await running({
      handler: (record: KafkaRecord, context: HandlerContext) => {
        handler(record, context);
        if (record.topic !== 'orders') return undefined;
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      },
    });
    cluster.produce('orders', 0, 'long');
    await clock.advance(1_000);
    cluster.topics.delete(REPLAY);
    while (consumer.explain().includes('Replay topics')) await clock.advance(1_000);
    expect(cluster.members).toHaveLength(1);
    cluster.recreate(REPLAY);
    cluster.produce(REPLAY, 0, replayed('second', 43));
    cluster.members[0]?.sink.outOfRange({ topic: REPLAY, partition: 0 });
    await clock.advance(1_000);
    end();
    await clock.advance(2 * LOOK);
    expect(told('dead')).toEqual([]);
    expect(values().toSorted()).toEqual(['first', 'long', 'second']);
  });

  it('is read on where one broker does not know of it for a moment', async () => {
    cluster.create(REPLAY);
    await running();
    cluster.onList = () => ['orders'];
    await clock.advance(2 * LOOK);
    expect(cluster.members).toHaveLength(1);
  });

  it('is read after a pause of all', async () => {
    const { consumer } = await running();
    consumer.pause();
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('again', 42));
    cluster.produce('orders', 0, 'one');
    await clock.advance(2 * LOOK);
    expect(values()).toEqual([]);
    expect(cluster.members).toHaveLength(2);
    consumer.resume();
    await clock.advance(1_000);
    expect(values().toSorted()).toEqual(['again', 'one']);
  });

  it('is read after a rebalance that comes in between', async () => {
    cluster.autoAssign = false;
    const running = consumers.start({
      handler: async (record: KafkaRecord, context: HandlerContext) => {
        handler(record, context);
        await new Promise<void>((resolve) => clock.schedule(3_000, resolve));
      },
    });
    await clock.advance(100);
    const first = cluster.members[0] as MemoryMember;
    first.assign([{ topic: 'orders', partition: 0 }]);
    await clock.advance(100);
    await running.joined;
    cluster.create(REPLAY);
    // Each second a record, and a rebalance: one comes while the member is about to leave.
    for (let second = 0; cluster.members.length === 1; second++) {
      cluster.produce('orders', 0, `${second}`);
      await clock.advance(1_000);
      if (second % 3 === 0 && !first.stopped) first.assign([{ topic: 'orders', partition: 0 }]);
      expect(second).toBeLessThan(120);
    }
    cluster.produce(REPLAY, 0, replayed('again', 42));
    cluster.members[1]?.assignAll();
    await clock.advance(600_000);
    expect(values().filter((value) => value === 'again')).toHaveLength(1);
    expect(new Set(values()).size).toBe(handled.length);
    expect(handled).toHaveLength(cluster.log('orders').length + 1);
  });

  it('is read where it was left off when it was deleted and made again, and no member reads it meanwhile', async () => {
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('first', 42));
    const { consumer, told } = await running();
    cluster.topics.delete(REPLAY);
    cluster.committed.delete(`${REPLAY} 0`);
    await clock.advance(LOOK);
    expect(cluster.members.at(-1)?.membership.topics).toEqual(['orders']);
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('second', 43));
    await clock.advance(LOOK);
    expect(values()).toEqual(['first', 'second']);
    expect(told('dead')).toEqual([]);
    expect(consumer.health().state).toBe('running');
  });

  it('does not keep a member from joining once it is deleted', async () => {
    cluster.create(REPLAY);
    const { told } = await running();
    cluster.topics.delete(REPLAY);
    cluster.members[0]?.crash(kafkaError(3, 'Unknown topic or partition'));
    await clock.advance(1_000);
    expect(cluster.members[1]?.membership.topics).toEqual(['orders']);
    expect(told('crashed')).toEqual([]);
  });
});

describe('a replay topic that may not be read', () => {
  it('keeps nobody from the source, at the start and later, and is told once', async () => {
    cluster.create(REPLAY);
    cluster.onCommit = (offsets) => {
      if (offsets.some(({ topic }) => topic === REPLAY)) throw kafkaError(TOPIC_AUTHORIZATION_FAILED);
    };
    const { consumer, told } = await running();
    cluster.produce('orders', 0, 'one');
    await clock.advance(1_000);
    expect(values()).toEqual(['one']);
    expect(consumers.warnings.filter((line) => line.includes(REPLAY))).toHaveLength(1);
    await clock.advance(20 * LOOK);
    expect(consumers.warnings.filter((line) => line.includes('goes on without'))).toHaveLength(1);
    expect(told('dead')).toEqual([]);
    expect(consumer.health().state).toBe('running');
  });

  it('is read when it may be, at the latest 12 minutes later', async () => {
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('again', 42));
    const { told } = await running();
    expect(values()).toEqual(['again']);
    cluster.members[0]?.crash(kafkaError(TOPIC_AUTHORIZATION_FAILED));
    await clock.advance(1_000);
    expect(cluster.members[1]?.membership.topics).toEqual(['orders']);
    cluster.produce(REPLAY, 0, replayed('once more', 43));
    await clock.advance(600_000 + 2 * LOOK);
    expect(values()).toEqual(['again', 'once more']);
    expect(told('crashed')).toEqual([]);
  });
});

describe('looking for replay topics', () => {
  it('costs one list a minute, however many consumers a process has', async () => {
    let lists = 0;
    const open = () => {
      const binding = cluster.open();
      const listTopics = () => {
        lists++;
        return binding.listTopics();
      };
      return { ...binding, listTopics };
    };
    const velo = createVeloOn(open, { clock, env: {} });
    for (const groupId of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
      void velo.consumer({ groupId, topics: ['orders'], handler }).start();
    await clock.advance(1_000);
    lists = 0;
    await clock.advance(600_000);
    expect(lists).toBeGreaterThanOrEqual(600_000 / 80_000 - 1);
    expect(lists).toBeLessThanOrEqual(600_000 / 40_000);
    const closing = velo.close();
    await clock.advance(60_000);
    await closing;
  });

  it('ends where the brokers refuse it, and that is told once', async () => {
    let refused = 0;
    let rights = true;
    const open = () => {
      const binding = cluster.open();
      const listTopics = async () => {
        if (rights) return binding.listTopics();
        refused++;
        throw kafkaError(TOPIC_AUTHORIZATION_FAILED);
      };
      return { ...binding, listTopics };
    };
    const warnings: string[] = [];
    const logger = { info() {}, warn: (line: string) => void warnings.push(line), error() {} };
    const velo = createVeloOn(open, { clock, env: {}, logger });
    const consumer = velo.consumer({ groupId: 'billing', topics: ['orders'], handler });
    void consumer.start();
    await clock.advance(1_000);
    rights = false;
    await clock.advance(10 * LOOK);
    expect(refused).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(consumer.health().state).toBe('running');
    const closing = velo.close();
    await clock.advance(60_000);
    await closing;
  });
});

describe('with keepKeyOrder', () => {
  const KEY_ORDER = { retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'], keepKeyOrder: true } } as const;

  it('a replayed record joins those of its key that wait, and holds back none of its source', async () => {
    cluster.create(REPLAY);
    let open = false;
    await running({
      ...KEY_ORDER,
      handler: (record: KafkaRecord, context: HandlerContext) => {
        handled.push({ value: text(record), topic: record.topic, context });
        if (text(record) === 'first' && !open) throw new Error('not yet');
      },
    });
    cluster.produce('orders', 0, { key: Buffer.from('key'), value: Buffer.from('first') });
    await clock.advance(1_000);
    cluster.produce(REPLAY, 0, replayed('again', 42));
    await clock.advance(1_000);
    open = true;
    expect(values()).toEqual(['first']);
    await clock.advance(20_000);
    expect(values()).toEqual(['first', 'first', 'again']);
    expect(handled.at(-1)?.context.id).toBe('orders/0/42');
    expect(headersOf('orders-billing-retry-5s', 1)).toMatchObject({
      'velo-follower': '1',
      'velo-replays': '1',
    });
  });

  it('a replay topic that is narrower than its source holds nothing up', async () => {
    cluster.create('orders', 2);
    cluster.create(REPLAY);
    cluster.create('orders-billing-retry-5s', 2);
    cluster.create(LETTERS, 2);
    await running({ ...KEY_ORDER, topology: { create: 'never' } });
    cluster.produce('orders', 1, 'one');
    cluster.produce(REPLAY, 0, replayed('again', 42));
    await clock.advance(1_000);
    expect(values().toSorted()).toEqual(['again', 'one']);
  });

  it('one whose source is elsewhere waits until they are together', async () => {
    cluster.autoAssign = false;
    cluster.create(REPLAY);
    cluster.produce(REPLAY, 0, replayed('again', 42));
    const { joined, consumer } = consumers.start({ handler, ...KEY_ORDER });
    await clock.advance(100);
    const member = cluster.members[0] as MemoryMember;
    const at = (topic: string) => ({ topic, partition: 0 });
    member.assign([at(REPLAY)]);
    await clock.advance(10_000);
    await joined;
    expect(values()).toEqual([]);
    expect(consumer.health()).toMatchObject({ state: 'retrying', scattered: [at(REPLAY)] });
    member.assign([at('orders'), at('orders-billing-retry-5s'), at(REPLAY)]);
    await clock.advance(1_000);
    expect(values()).toEqual(['again']);
    expect(consumer.health()).toMatchObject({ state: 'running', scattered: [] });
  });
});
