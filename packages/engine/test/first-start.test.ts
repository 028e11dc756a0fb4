import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ClientBinding, TopicSpec } from '../src/binding/binding.js';
import type { VeloConsumer } from '../src/consumer/velo-consumer.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { createVeloOn, type Velo } from '../src/velo.js';
import { kafkaError, MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

const silent = { info() {}, warn() {}, error() {} };
/** Until a broker that was not the controller knows of a new topic, ms. */
const PROPAGATION = 120;

let cluster: MemoryCluster;
let clock: VirtualClock;
let velo: Velo;
/** The topics of each request. */
let requests: string[][];

beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  requests = [];
  velo = createVeloOn(slowly, { clock, env: {}, logger: silent });
});

afterEach(async () => {
  const closing = velo.close();
  await clock.advance(120_000);
  await closing;
  expect(clock.pending).toBe(0);
});

/** A client whose brokers learn of new topics late. */
function slowly(): ClientBinding {
  const client = cluster.open();
  const known = new Map<string, number>();
  return {
    ...client,
    createTopics: async (specs: readonly TopicSpec[]) => {
      requests.push(specs.map(({ topic }) => topic));
      await client.createTopics(specs);
      for (const { topic } of specs) known.set(topic, known.get(topic) ?? clock.now() + PROPAGATION);
    },
    partitionCount: async (topic) =>
      clock.now() < (known.get(topic) ?? 0) ? 0 : client.partitionCount(topic),
  };
}

function start(config: Partial<ConsumerConfig> = {}): { consumer: VeloConsumer; started: Promise<void> } {
  const consumer = velo.consumer({ groupId: 'billing', topics: ['orders'], handler: () => {}, ...config });
  const started = consumer.start();
  started.catch(() => {});
  return { consumer, started };
}

it('a first start creates all topics in one request, and is done soon after all brokers know of them', async () => {
  const topics = Array.from({ length: 10 }, (_, i) => `orders${i}`);
  for (const topic of topics) cluster.create(topic, 2);
  const { consumer } = start({ topics, retry: { tiers: ['1s', '1m', '1h'] } });
  await clock.advance(3 * PROPAGATION);
  expect(consumer.health().state).toBe('running');
  expect(requests.map((request) => request.length)).toEqual([40]);
});

it('one topic that brokers refuse keeps no other from being made, and is named', async () => {
  cluster.create('orders');
  cluster.onCreate = ({ topic }) => {
    if (topic === 'orders-billing-retry-1m') throw kafkaError(29, 'not authorized');
  };
  const { started } = start({ retry: { tiers: ['1s', '1m'] } });
  await clock.advance(1_000);
  await expect(started).rejects.toMatchObject({
    code: 'VELO_TOPOLOGY',
    message: expect.stringContaining('orders-billing-retry-1m'),
  });
  expect(cluster.topics.has('orders-billing-retry-1s')).toBe(true);
});

it('what was just created must have its leaders', async () => {
  cluster.create('orders', 2);
  cluster.leaderless.add('orders-billing-dlt 1');
  const { consumer } = start();
  await clock.advance(5_000);
  expect(consumer.health().state).toBe('starting');
  cluster.leaderless.clear();
  await clock.advance(2_000);
  expect(consumer.health().state).toBe('running');
});

it('of what was there before, a partition without a leader keeps nothing from starting', async () => {
  cluster.create('orders', 2);
  cluster.create('orders-billing-dlt', 2);
  cluster.leaderless.add('orders 1');
  cluster.leaderless.add('orders-billing-dlt 0');
  const { consumer } = start();
  await clock.advance(5_000);
  expect(consumer.health().state).toBe('retrying');
  await velo.waitForTopic('orders');
});
