import { beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { planConsumer } from '../src/plan/plan.js';
import { Topology } from '../src/topology/topology.js';
import { kafkaError, MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

let cluster: MemoryCluster;
const warnings: string[] = [];

async function prepare(config: Partial<ConsumerConfig> = {}): Promise<Topology> {
  const plan = planConsumer({ groupId: 'billing', topics: ['orders'], handler: () => {}, ...config }, 0);
  const client = cluster.open();
  const topology = new Topology({
    client,
    plan,
    waitFor: (topic) => client.partitionCount(topic),
    warn: (text) => warnings.push(text),
    strict: false,
    signal: new AbortController().signal,
    clock: new VirtualClock(),
  });
  await topology.prepare();
  return topology;
}

beforeEach(() => {
  cluster = new MemoryCluster();
  warnings.length = 0;
});

describe('velo’s own topics', () => {
  it('are as wide, as replicated and as safe as their source, with room for headers; tiers outlive their wait', async () => {
    cluster.create('orders', 4);
    cluster.descriptions.set('orders', {
      replicationFactor: 3,
      configs: { 'min.insync.replicas': '2', 'max.message.bytes': '100000', 'cleanup.policy': 'compact' },
    });
    await prepare({ retry: { tiers: ['5s'] } });
    const common = { partitions: 4, replicationFactor: 3 };
    const configs = {
      'cleanup.policy': 'delete',
      'min.insync.replicas': '2',
      'max.message.bytes': '104857600',
    };
    expect(cluster.created).toEqual([
      {
        topic: 'orders-billing-retry-5s',
        ...common,
        configs: { ...configs, 'retention.ms': String(5_000 + 7 * 86_400_000) },
      },
      {
        topic: 'orders-billing-dlt',
        ...common,
        configs: { ...configs, 'retention.ms': String(30 * 86_400_000) },
      },
    ]);
  });

  it('have the brokers’ defaults where nothing is known of the source, but take a record of any size', async () => {
    cluster.create('orders', 1);
    await prepare();
    expect(cluster.created).toEqual([
      {
        topic: 'orders-billing-dlt',
        partitions: 1,
        replicationFactor: -1,
        configs: {
          'cleanup.policy': 'delete',
          'retention.ms': '2592000000',
          'max.message.bytes': '104857600',
        },
      },
    ]);
  });

  it('of dead letters are kept for as long as is asked for; a topic for several sources for the longest', async () => {
    for (const topic of ['orders', 'payments']) cluster.create(topic);
    const exhausted = { action: 'dead-letter', topic: 'lost' } as const;
    await prepare({
      topics: {
        orders: { exhausted: { ...exhausted, retention: '90d' } },
        payments: { exhausted: { ...exhausted, retention: '2h' } },
      },
    });
    expect(cluster.created.map(({ configs }) => configs?.['retention.ms'])).toEqual([
      String(90 * 86_400_000),
    ]);
  });

  it('are configured as the user says in the end', async () => {
    cluster.create('orders');
    await prepare({ topology: { configs: { 'retention.ms': '-1' } } });
    expect(cluster.created.map(({ configs }) => configs?.['retention.ms'])).toEqual(['-1']);
  });

  it('have the brokers’ retention of dead letters where they allow no other, which is told', async () => {
    cluster.create('orders');
    cluster.onCreate = ({ configs }) => {
      if (configs?.['retention.ms'] !== undefined) throw kafkaError(44);
    };
    await prepare();
    expect(cluster.created).toMatchObject([{ topic: 'orders-billing-dlt' }]);
    expect(warnings.join()).toContain('orders-billing-dlt');
  });

  it.each([
    { code: 40, name: 'INVALID_CONFIG' },
    { code: 44, name: 'POLICY_VIOLATION' },
  ])('have the brokers’ default size, too, where they allow no other: $name', async ({ code }) => {
    cluster.create('orders', 1);
    cluster.onCreate = ({ configs }) => {
      if (configs?.['max.message.bytes'] !== undefined) throw kafkaError(code);
    };
    await prepare();
    expect(cluster.created).toMatchObject([{ configs: { 'cleanup.policy': 'delete' } }]);
    expect(cluster.created[0]?.configs).not.toHaveProperty('max.message.bytes');
  });

  it('are not created otherwise than configured where brokers refuse that', async () => {
    cluster.create('orders', 1);
    cluster.onCreate = () => {
      throw kafkaError(44);
    };
    await expect(prepare()).rejects.toMatchObject({ code: 'VELO_TOPOLOGY' });
  });

  it('have what the configuration says, and never more replicas to wait for than there are', async () => {
    cluster.create('orders', 1);
    cluster.descriptions.set('orders', { replicationFactor: 3, configs: { 'min.insync.replicas': '2' } });
    await prepare({
      topology: { replicationFactor: 1, configs: { 'cleanup.policy': 'compact', 'segment.ms': '1000' } },
    });
    expect(cluster.created).toMatchObject([
      { replicationFactor: 1, configs: { 'cleanup.policy': 'compact', 'segment.ms': '1000' } },
    ]);
    expect(cluster.created[0]?.configs).not.toHaveProperty('min.insync.replicas');
  });

  it('that are shared by two sources are as wide as the wider one', async () => {
    cluster.create('orders', 2);
    cluster.create('refunds', 5);
    await prepare({
      topics: ['orders', 'refunds'],
      exhausted: { action: 'dead-letter', topic: 'graveyard' },
    });
    expect(cluster.topics.get('graveyard')).toHaveLength(5);
  });

  it('that exist and are too narrow grow; where they cannot, copies go to the remainder and a warning says how to mend it', async () => {
    cluster.create('orders', 4);
    cluster.create('orders-billing-dlt', 2);
    cluster.creates = false;
    const topology = await prepare();
    expect([0, 1, 2, 3].map((partition) => topology.partitionFor('orders-billing-dlt', partition))).toEqual([
      0, 1, 0, 1,
    ]);
    expect(warnings).toEqual([expect.stringContaining('--alter --topic orders-billing-dlt --partitions 4')]);
    cluster.creates = true;
    await prepare();
    expect(cluster.topics.get('orders-billing-dlt')).toHaveLength(4);
  });

  it('are left alone by create: never', async () => {
    cluster.create('orders', 4);
    cluster.create('orders-billing-dlt', 2);
    await prepare({ topology: { create: 'never' } });
    expect(cluster.topics.get('orders-billing-dlt')).toHaveLength(2);
    expect(warnings).toHaveLength(1);
  });
});
