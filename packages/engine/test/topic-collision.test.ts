import { beforeEach, expect, it } from 'vitest';
import { createVeloOn } from '../src/velo.js';
import { kafkaError, MemoryCluster } from './support/memory-cluster.js';

const silent = { info() {}, warn() {}, error() {} };
let cluster: MemoryCluster;

beforeEach(() => {
  cluster = new MemoryCluster();
  // As kafkajs tells it: what the broker says of the other topic is dropped.
  cluster.onCreate = ({ topic }) => {
    const same = (name: string) => name.replaceAll('.', '_') === topic.replaceAll('.', '_');
    if ([...cluster.topics.keys()].some((name) => name !== topic && same(name)))
      throw kafkaError(17, 'The request attempted to perform an operation on an invalid topic');
  };
});

const velo = () => createVeloOn(cluster.open, { env: {}, logger: silent });

it.each(['0s', '1h'] as const)(
  'a start names the topic that is in the way, at once (waitForTopics %s)',
  async (waitForTopics) => {
    cluster.create('orders');
    cluster.create('dead_letters');
    const consumer = velo().consumer({
      groupId: 'billing',
      topics: ['orders'],
      handler: () => {},
      exhausted: { action: 'dead-letter', topic: 'dead.letters' },
      waitForTopics,
    });
    await expect(consumer.start()).rejects.toMatchObject({
      code: 'VELO_TOPOLOGY',
      message: expect.stringMatching(/dead\.letters collides with dead_letters/),
    });
    expect(consumer.health().state).toBe('dead');
  },
);

it('so does ensureTopics', async () => {
  cluster.create('a_b');
  await expect(velo().ensureTopics([{ topic: 'c' }, { topic: 'a.b' }])).rejects.toMatchObject({
    code: 'VELO_TOPOLOGY',
    message: expect.stringContaining('a.b collides with a_b'),
  });
});

it('two groups that differ in a dot alone have topics of their own', async () => {
  cluster.create('orders');
  for (const groupId of ['billing.v1', 'billing_v1']) {
    await using consumer = velo().consumer({
      groupId,
      topics: ['orders'],
      handler: () => {},
      retry: { tiers: ['1s'] },
    });
    await consumer.start();
  }
  expect(cluster.topics.size).toBe(5);
});
