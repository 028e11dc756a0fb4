import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consumers } from './support/consumers.js';
import type { MemoryCluster } from './support/memory-cluster.js';
import type { VirtualClock } from './support/virtual-clock.js';

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
});
afterEach(() => consumers.end());

const DAY = 86_400_000;

describe('requirements()', () => {
  it('names topics after their source, and ACLs, as data and as commands', async () => {
    cluster.create('orders', 4);
    cluster.descriptions.set('orders', {
      replicationFactor: 3,
      configs: { 'min.insync.replicas': '2', 'max.message.bytes': '100000' },
    });
    const consumer = consumers.create({
      retry: { tiers: ['5s'] },
      exhausted: { action: 'dead-letter', route: { NetworkIssue: 'outages', permanent: 'skip' } },
      topology: { create: 'never' },
    });
    const given = { principal: 'User:billing app', bootstrapServers: 'kafka:9092' };
    const { topics, acls, text } = await consumer.requirements(given);
    const configs = {
      'cleanup.policy': 'delete',
      'min.insync.replicas': '2',
      'max.message.bytes': '104857600',
    };
    const letters = { ...configs, 'retention.ms': String(30 * DAY) };
    const common = { sources: ['orders'], partitions: 4, replicationFactor: 3 };
    expect(topics).toEqual([
      {
        topic: 'orders-billing-retry-5s',
        kind: 'tier',
        ...common,
        configs: { ...configs, 'retention.ms': String(5_000 + 7 * DAY) },
      },
      { topic: 'orders-billing-dlt', kind: 'dead-letter', ...common, configs: letters },
      { topic: 'outages', kind: 'dead-letter', ...common, configs: letters },
    ]);
    const literal = { resource: 'topic', pattern: 'literal' };
    expect(acls).toEqual([
      { ...literal, name: 'orders', operations: ['Read'] },
      { ...literal, name: 'orders-billing-retry-5s', operations: ['Read', 'Write'] },
      { ...literal, name: 'orders-billing-dlt', operations: ['Write'] },
      { ...literal, name: 'outages', operations: ['Write'] },
      { ...literal, resource: 'group', name: 'billing', operations: ['Read'] },
    ]);
    expect(text.split('\n')).toEqual([
      '# Topics of consumer group billing',
      `kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists --topic orders-billing-retry-5s --partitions 4 --replication-factor 3 --config 'cleanup.policy=delete' --config 'retention.ms=604805000' --config 'min.insync.replicas=2' --config 'max.message.bytes=104857600'`,
      `kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists --topic orders-billing-dlt --partitions 4 --replication-factor 3 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2' --config 'max.message.bytes=104857600'`,
      `kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists --topic outages --partitions 4 --replication-factor 3 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2' --config 'max.message.bytes=104857600'`,
      '# What its user must be allowed',
      `kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal 'User:billing app' --operation Read --topic=orders`,
      `kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal 'User:billing app' --operation Read --operation Write --topic=orders-billing-retry-5s`,
      `kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal 'User:billing app' --operation Write --topic=orders-billing-dlt`,
      `kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal 'User:billing app' --operation Write --topic=outages`,
      `kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal 'User:billing app' --operation Read --group=billing`,
    ]);
  });

  it('asks for the rights to make topics where velo makes them', async () => {
    cluster.create('orders');
    const { acls } = await consumers.create({ retry: { tiers: ['5s'] } }).requirements();
    expect(acls.map(({ name, operations }) => [name, ...operations])).toEqual([
      ['orders', 'Read', 'DescribeConfigs'],
      ['orders-billing-retry-5s', 'Read', 'Write', 'Create', 'Alter'],
      ['orders-billing-dlt', 'Write', 'Create', 'Alter'],
      ['billing', 'Read'],
    ]);
  });

  it('asks for the right to read replay topics where there is no tier to come back to', async () => {
    cluster.create('orders');
    const { acls, topics } = await consumers.create().requirements();
    expect(acls.map(({ name, operations }) => [name, ...operations])).toContainEqual([
      'orders-billing-replay',
      'Read',
      'Alter',
    ]);
    expect(topics.map(({ topic }) => topic)).toEqual(['orders-billing-dlt']);
    const never = consumers.create({ topology: { create: 'never' } });
    expect((await never.requirements()).acls).toContainEqual({
      resource: 'topic',
      name: 'orders-billing-replay',
      pattern: 'literal',
      operations: ['Read'],
    });
  });

  it('names the tiers of all topics by their wait, then the dead letters', async () => {
    const { topics } = await consumers
      .create({
        topics: { orders: { retry: { tiers: ['1m', '1h'] } }, parcels: { retry: { tiers: ['5s', '10m'] } } },
      })
      .requirements();
    expect(topics.map(({ topic }) => topic)).toEqual([
      'parcels-billing-retry-5s',
      'orders-billing-retry-1m',
      'parcels-billing-retry-10m',
      'orders-billing-retry-1h',
      'orders-billing-dlt',
      'parcels-billing-dlt',
    ]);
  });

  it('leaves open what the brokers do not tell', async () => {
    const { topics, text } = await consumers.create().requirements();
    expect(topics).toMatchObject([{ partitions: undefined, replicationFactor: -1 }]);
    expect(text.split('\n')[1]).toBe(
      `kafka-topics.sh --bootstrap-server HOST:PORT --create --if-not-exists --topic orders-billing-dlt --partitions AS_MANY_AS_orders --config 'cleanup.policy=delete' --config 'retention.ms=${30 * DAY}' --config 'max.message.bytes=104857600'`,
    );
    expect(text).toContain('--allow-principal User:NAME');
  });

  it('leaves the partitions of a topic open of whose sources one is not known, and names them', async () => {
    cluster.create('orders', 4);
    const exhausted = { action: 'dead-letter', topic: 'graveyard' } as const;
    const { topics, text } = await consumers
      .create({ topics: ['orders', 'parcels'], exhausted })
      .requirements();
    expect(topics).toMatchObject([
      { topic: 'graveyard', sources: ['orders', 'parcels'], partitions: undefined },
    ]);
    expect(text).toContain('--partitions AS_MANY_AS_orders_OR_parcels ');
    cluster.create('parcels', 9);
    const both = await consumers.create({ topics: ['orders', 'parcels'], exhausted }).requirements();
    expect(both.topics).toMatchObject([{ topic: 'graveyard', partitions: 9 }]);
  });

  it('without tiers and dead letters is the right to read', async () => {
    cluster.create('orders');
    const { topics, acls } = await consumers.create({ exhausted: { action: 'skip' } }).requirements();
    expect(topics).toEqual([]);
    expect(acls.map(({ operations }) => operations)).toEqual([['Read'], ['Read']]);
  });
});

describe("a consumer with topology.create 'never'", () => {
  const config = { retry: { tiers: ['5s'] as const }, topology: { create: 'never' } as const };

  it('does not start without its topics, and says exactly what to make', async () => {
    cluster.create('orders', 2);
    cluster.create('orders-billing-retry-5s', 2);
    const { consumer, joined } = consumers.start(config);
    await clock.advance(1_000);
    await expect(joined).rejects.toMatchObject({
      code: 'VELO_TOPOLOGY',
      message: expect.stringContaining((await consumer.requirements()).text),
    });
    await expect(joined).rejects.toThrow(/Kafka topic missing: topic "orders-billing-dlt"/);
    expect(cluster.created).toEqual([]);
  });

  it('waits for them where it is told to wait', async () => {
    cluster.create('orders', 2);
    cluster.create('orders-billing-retry-5s', 2);
    const { consumer, joined } = consumers.start({ ...config, waitForTopics: '1m' });
    await clock.advance(30_000);
    cluster.create('orders-billing-dlt', 2);
    await clock.advance(31_000);
    await joined;
    expect(consumer.health().state).toBe('running');
  });
});
