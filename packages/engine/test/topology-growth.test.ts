import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding } from '../src/binding/binding.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { planConsumer } from '../src/plan/plan.js';
import { Topology } from '../src/topology/topology.js';
import { kafkaError } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

const NOT_CONTROLLER = 41;
const TOPIC_AUTHORIZATION_FAILED = 29;

const p = (topic: string, partition: number) => ({ topic, partition });

/** Partitions of each topic. */
let counts: Map<string, number>;
/** What the brokers were asked for, in order. */
let asked: string[];
let waits: { topic: string; created: boolean }[];
let warnings: string[];
let clock: VirtualClock;
let stopping: AbortController;
let onCreate: () => Promise<void>;
let onDescribe: () => Promise<object>;
let onGrow: () => Promise<void>;

beforeEach(() => {
  counts = new Map();
  asked = [];
  waits = [];
  warnings = [];
  clock = new VirtualClock();
  stopping = new AbortController();
  onCreate = async () => {};
  onDescribe = async () => ({});
  onGrow = async () => {};
});

function topologyOf(config: Partial<ConsumerConfig> = {}, waitForTopics = 0): Topology {
  const plan = planConsumer(
    { groupId: 'billing', topics: ['orders'], handler: () => {}, ...config },
    waitForTopics,
  );
  const client = {
    partitionCount: async (topic: string) => {
      asked.push(`count ${topic}`);
      return counts.get(topic) ?? 0;
    },
    createTopics: async (topics: readonly { topic: string; partitions: number }[]) => {
      await onCreate();
      for (const { topic, partitions } of topics) {
        asked.push(`create ${topic} ${partitions}`);
        counts.set(topic, partitions);
      }
    },
    createPartitions: async (topic: string, count: number) => {
      asked.push(`grow ${topic} ${count}`);
      await onGrow();
      counts.set(topic, count);
    },
    describeTopic: () => onDescribe(),
  } as unknown as ClientBinding;
  return new Topology({
    client,
    plan,
    waitFor: async (topic, created) => {
      waits.push({ topic, created });
      return counts.get(topic) ?? 0;
    },
    warn: (text) => warnings.push(text),
    strict: false,
    signal: stopping.signal,
    clock,
  });
}

const changes = () => asked.filter((line) => !line.startsWith('count'));

/** Two sources with a dead-letter topic each, all of 2 partitions. */
async function prepared(): Promise<Topology> {
  for (const topic of ['orders', 'refunds', 'orders-billing-dlt', 'refunds-billing-dlt'])
    counts.set(topic, 2);
  const topology = topologyOf({ topics: ['orders', 'refunds'] });
  await topology.prepare();
  expect(changes()).toEqual([]);
  asked.length = 0;
  return topology;
}

describe('an assignment', () => {
  it('of partitions that are known asks nothing', async () => {
    const topology = await prepared();
    await topology.fit([p('orders', 0), p('orders', 1), p('refunds', 1)]);
    expect(asked).toEqual([]);
  });

  it('of the first partition that is not known grows what belongs to its topic, and nothing else', async () => {
    const topology = await prepared();
    counts.set('orders', 3);
    await topology.fit([p('orders', 2)]);
    expect(changes()).toEqual(['grow orders-billing-dlt 3']);
    expect(asked).not.toContain('count refunds-billing-dlt');
    expect(topology.partitionFor('orders-billing-dlt', 2)).toBe(2);
    asked.length = 0;
    await topology.fit([p('orders', 2)]);
    expect(asked).toEqual([]);
  });

  it('grows what belongs to its topic also where the controller is replaced meanwhile', async () => {
    const topology = await prepared();
    counts.set('orders', 3);
    let failures = 3;
    onGrow = async () => {
      if (failures-- > 0)
        throw Object.assign(new Error('Connection closed'), { name: 'KafkaJSConnectionError' });
    };
    const fitted = topology.fit([p('orders', 2)]);
    await clock.advance(1_000);
    await fitted;
    expect(changes()).toEqual(Array.from({ length: 4 }, () => 'grow orders-billing-dlt 3'));
    expect(topology.partitionFor('orders-billing-dlt', 2)).toBe(2);
    expect(warnings).toEqual([]);
  });

  it('goes on after 8 s where it cannot grow, and at once where that will not pass', async () => {
    for (const { code, asks } of [
      { code: NOT_CONTROLLER, asks: 8 },
      { code: TOPIC_AUTHORIZATION_FAILED, asks: 1 },
    ]) {
      [asked.length, warnings.length] = [0, 0];
      const topology = await prepared();
      counts.set('orders', 3);
      onGrow = async () => {
        throw kafkaError(code);
      };
      const fitted = topology.fit([p('orders', 2)]);
      if (asks > 1) await clock.advance(8_500);
      await fitted;
      expect(changes()).toHaveLength(asks);
      expect(topology.partitionFor('orders-billing-dlt', 2)).toBe(0);
      expect(warnings).toEqual([expect.stringContaining('it could not grow')]);
    }
  });

  it('grows to all that the source has by now', async () => {
    const topology = await prepared();
    counts.set('orders', 7);
    await topology.fit([p('orders', 2)]);
    expect(changes()).toEqual(['grow orders-billing-dlt 7']);
  });

  it('that the broker which was asked does not know yet is waited for, less than a second', async () => {
    const topology = await prepared();
    const fitting = topology.fit([p('orders', 2), p('orders', 4), p('orders', 3)]);
    await clock.advance(300);
    counts.set('orders', 5);
    await clock.advance(400);
    await fitting;
    expect(changes()).toEqual(['grow orders-billing-dlt 5']);
  });

  it('of what is not there makes nothing: a rogue leader of the group is not believed, and costs one wait', async () => {
    const topology = await prepared();
    const fitting = topology.fit(Array.from({ length: 300 }, (_, i) => p('orders', i + 1)));
    await clock.advance(1_000);
    await fitting;
    expect(changes()).toEqual([]);
    expect(asked.length).toBeLessThan(10);
    expect(topology.partitionFor('orders-billing-dlt', 300)).toBe(0);
    counts.set('orders', 3);
    await topology.fit([p('orders', 2)]);
    expect(changes()).toEqual(['grow orders-billing-dlt 3']);
  });

  it('is no longer waited for when the consumer stops', async () => {
    const topology = await prepared();
    const fitting = topology.fit([p('orders', 300)]);
    await clock.advance(10);
    stopping.abort(new Error('stopped'));
    await expect(fitting).rejects.toThrow('stopped');
    expect(clock.pending).toBe(0);
  });

  it('of a topic that is none of its own asks nothing', async () => {
    const topology = await prepared();
    await topology.fit([p('strange', 9)]);
    expect(asked).toEqual([]);
  });
});

describe('a topic of velo’s own that is missing', () => {
  it('is created as wide as its source, described or not, and is waited for as one that was just created', async () => {
    counts.set('orders', 3);
    onDescribe = () => Promise.reject(new Error('not authorized'));
    await topologyOf().prepare();
    expect(changes()).toEqual(['create orders-billing-dlt 3']);
    expect(waits).toEqual([
      { topic: 'orders', created: false },
      { topic: 'orders-billing-dlt', created: true },
    ]);
  });

  it('and must not be created is waited for only as long as is configured', async () => {
    counts.set('orders', 1);
    await topologyOf({ topology: { create: 'never' } })
      .prepare()
      .catch(() => {});
    expect(changes()).toEqual([]);
    expect(waits.at(-1)).toEqual({ topic: 'orders-billing-dlt', created: false });
  });

  it('and could not be created is waited for where there is time, with a warning that says how to make it', async () => {
    counts.set('orders', 3);
    onCreate = () => Promise.reject(kafkaError(29, 'not authorized'));
    await topologyOf({}, 60_000).prepare();
    expect(waits.at(-1)).toEqual({ topic: 'orders-billing-dlt', created: false });
    expect(warnings[0]).toContain('--topic orders-billing-dlt --partitions 3');
  });

  it('and could not be created ends the start where there is no time, with the error and how to make it', async () => {
    counts.set('orders', 3);
    const cause = kafkaError(29, 'not authorized');
    onCreate = () => Promise.reject(cause);
    const starting = topologyOf().prepare();
    await expect(starting).rejects.toMatchObject({
      code: 'VELO_TOPOLOGY',
      message: expect.stringContaining('--topic orders-billing-dlt --partitions 3'),
    });
    expect(await starting.catch((error: Error) => error.cause)).toBe(cause);
  });

  it.each([0, 60_000])('while brokers are away is no matter of topics: waiting for %i ms', async (wait) => {
    counts.set('orders', 3);
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    onCreate = () => Promise.reject(reset);
    await expect(topologyOf({}, wait).prepare()).rejects.toBe(reset);
    expect(warnings).toEqual([]);
  });
});
