import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { topicFaults } from '../src/topology/topic-faults.js';
import { createVeloOn } from '../src/velo.js';
import { MemoryCluster } from './support/memory-cluster.js';

const DAY = 86_400_000;
const common = { topic: 't', sources: ['orders'] } as const;
const tier = { ...common, kind: 'tier', wait: 20_000, retention: 7 * DAY + 20_000 } as const;
const letters = { ...common, kind: 'dead-letter', wait: 0, retention: 30 * DAY } as const;

describe('a topic that is there already', () => {
  it.each([
    { own: tier, effective: { 'cleanup.policy': 'compact' }, config: 'cleanup.policy=delete', loses: true },
    {
      own: tier,
      effective: { 'cleanup.policy': 'compact,delete' },
      config: 'cleanup.policy=delete',
      loses: true,
    },
    { own: tier, effective: { 'retention.ms': '2000' }, config: 'retention.ms=604820000', loses: true },
    { own: tier, effective: { 'retention.ms': '20000' }, config: 'retention.ms=604820000', loses: true },
    { own: tier, effective: { 'retention.bytes': '1000000' }, config: 'retention.bytes=-1', loses: true },
    {
      own: letters,
      effective: { 'cleanup.policy': 'compact' },
      config: 'cleanup.policy=delete',
      loses: true,
    },
    {
      own: letters,
      effective: { 'retention.ms': '604800000' },
      config: 'retention.ms=2592000000',
      loses: false,
    },
    {
      own: letters,
      effective: { 'retention.bytes': '1' },
      config: 'retention.bytes=-1',
      loses: false,
    },
    {
      own: tier,
      effective: { 'max.message.bytes': '50000' },
      config: 'max.message.bytes=104857600',
      loses: false,
    },
    {
      own: tier,
      effective: { 'max.message.bytes': '104095' },
      config: 'max.message.bytes=104857600',
      loses: false,
    },
    { own: letters, effective: { 'retention.ms': '0' }, config: 'retention.ms=2592000000', loses: false },
  ])('is told: a $own.kind with $effective', ({ own, effective, config, loses }) => {
    const sources = [{ effective: { 'max.message.bytes': '100000' } }];
    expect(topicFaults(own, { effective }, sources)).toMatchObject([{ topic: 't', config, loses }]);
  });

  it.each([
    { own: tier, effective: undefined },
    { own: tier, effective: {} },
    {
      own: tier,
      effective: { 'cleanup.policy': 'delete', 'retention.ms': '20001', 'retention.bytes': '-1' },
    },
    { own: tier, effective: { 'retention.ms': '-1', 'max.message.bytes': '104096' } },
    { own: letters, effective: { 'retention.ms': String(30 * DAY), 'retention.bytes': '-1' } },
    { own: letters, effective: { 'retention.ms': 'no number' } },
  ])('is fine: a $own.kind with $effective', ({ own, effective }) => {
    const sources = [{ effective: { 'max.message.bytes': '100000' } }, {}];
    expect(topicFaults(own, { effective }, sources)).toEqual([]);
  });
});

describe('a consumer whose tier loses copies', () => {
  let cluster: MemoryCluster;
  let warnings: string[];
  const consumers: { stop(): Promise<void> }[] = [];

  beforeEach(() => {
    cluster = new MemoryCluster();
    warnings = [];
    cluster.create('orders');
    cluster.create('orders-billing-retry-20s');
    cluster.create('orders-billing-dlt');
    cluster.descriptions.set('orders-billing-retry-20s', {
      configs: {},
      effective: { 'retention.ms': '2000' },
    });
  });
  afterEach(() => Promise.all(consumers.splice(0).map((consumer) => consumer.stop())));

  function create(strict: boolean) {
    const logger = { info() {}, warn: (text: string) => warnings.push(text), error() {} };
    const consumer = createVeloOn(cluster.open, { env: {}, logger, strict }).consumer({
      groupId: 'billing',
      topics: ['orders'],
      handler: () => {},
      retry: { tiers: ['20s'] },
    });
    consumers.push(consumer);
    return consumer;
  }

  it('starts with a warning that says what is so, what comes of it, and how to mend it; explain() says it too', async () => {
    const consumer = create(false);
    expect(consumer.explain()).toContain('a tier must keep its copies longer than its wait');
    await consumer.start();
    expect(warnings).toHaveLength(1);
    for (const text of [warnings[0], consumer.explain()]) {
      expect(text).toContain('orders-billing-retry-20s has retention.ms 2000 (2s), and its records wait 20s');
      expect(text).toContain(
        "kafka-configs.sh --bootstrap-server HOST:PORT --alter --entity-type topics --entity-name orders-billing-retry-20s --add-config 'retention.ms=604820000'",
      );
    }
  });

  it('does not start where velo is strict', async () => {
    await expect(create(true).start()).rejects.toMatchObject({
      code: 'VELO_TOPOLOGY',
      message: expect.stringContaining('orders-billing-retry-20s has retention.ms 2000'),
    });
  });

  it('starts in strict mode with what loses nothing', async () => {
    cluster.descriptions.clear();
    cluster.descriptions.set('orders-billing-dlt', { configs: {}, effective: { 'retention.ms': '2000' } });
    await create(true).start();
    expect(warnings).toEqual([expect.stringContaining('orders-billing-dlt has retention.ms 2000')]);
  });

  it('is told what must change by requirements(), before the start', async () => {
    const { topics, text } = await create(false).requirements({ bootstrapServers: 'kafka:9092' });
    expect(topics.map(({ faults }) => faults)).toEqual([
      [expect.stringMatching(/^orders-billing-retry-20s has retention\.ms 2000/)],
      undefined,
    ]);
    expect(text).toContain('kafka-configs.sh --bootstrap-server kafka:9092 --alter');
  });

  it('says nothing of a topic that it has made itself', async () => {
    cluster.topics.delete('orders-billing-retry-20s');
    await create(true).start();
    expect(warnings).toEqual([]);
  });
});

it('velo’s own topics are made without a limit in bytes where its source has one, as by a broker’s default', async () => {
  const cluster = new MemoryCluster();
  cluster.create('orders');
  cluster.descriptions.set('orders', { configs: {}, effective: { 'retention.bytes': '1000000' } });
  await using velo = createVeloOn(cluster.open, { env: {}, logger: { info() {}, warn() {}, error() {} } });
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    handler: () => {},
    retry: { tiers: ['20s'] },
  });
  await consumer.start();
  expect(cluster.created.map(({ configs }) => configs?.['retention.bytes'])).toEqual(['-1', '-1']);
});
