import type { VeloConsumer } from '@velo/engine';
import { javaAvailable, type KafkaCluster, startEmbeddedBroker, startKafka } from '@velo/testkit';
import fc from 'fast-check';
import type { Admin, Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaJs } from '../src/api.js';
import { openKafkaJsClient } from '../src/client.js';
import { createVelo } from '../src/index.js';
import { decodeTopicIds, withTopicIds } from '../src/quirks/topic-ids.js';
import { kafkaOn } from './support.js';

const SILENT = { info() {}, warn() {}, error() {} };
const START_LIMIT = 180_000;
const LIMIT = 30_000;
const ID = /^[\w-]{22}$/;

describe('an answer with topic ids', () => {
  it('of any bytes makes nothing throw or loop, and no id of anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const [topic, id] of decodeTopicIds(Buffer.from(bytes))) {
          expect(typeof topic).toBe('string');
          expect(id).toMatch(ID);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe.skipIf(!javaAvailable())('topic ids', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    cluster = await startKafka();
    kafka = kafkaOn(cluster);
    admin = kafka.admin();
    await admin.connect();
  }, START_LIMIT);
  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.stop();
  });

  const create = (...topics: string[]) =>
    admin.createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: 1 })),
      waitForLeaders: true,
    });

  const ids = async (...topics: string[]) => {
    const client = openKafkaJsClient(kafka);
    try {
      return await client.topicIds?.(topics);
    } finally {
      await client.close();
    }
  };

  it('are told of topics that exist, and no topic is made by asking', { timeout: LIMIT }, async () => {
    await create('told', 'other');
    const told = await ids('told', 'missing', 'other');
    expect([...(told ?? [])].map(([topic]) => topic).sort()).toEqual(['other', 'told']);
    expect(told?.get('told')).toMatch(ID);
    expect(told?.get('told')).not.toBe(told?.get('other'));
    expect(await ids('told')).toEqual(new Map([['told', told?.get('told')]]));
    expect(await admin.listTopics()).not.toContain('missing');
    expect(await ids()).toEqual(new Map());
  });

  async function remake(topic: string): Promise<void> {
    await admin.deleteTopics({ topics: [topic] });
    await expect.poll(() => create(topic).catch(() => false), { timeout: LIMIT, interval: 50 }).toBe(true);
  }

  async function write(topic: string, ...values: string[]): Promise<void> {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ value })) });
    await producer.disconnect();
  }

  function veloOn(topic: string, handled: string[]): VeloConsumer {
    return createVelo(kafka, { logger: SILENT }).consumer({
      groupId: 'billing',
      topics: [topic],
      startFrom: 'earliest',
      handler: ({ value }) => void handled.push(String(value)),
    });
  }

  async function committed(
    topic: string,
  ): Promise<{ readonly offset: string; readonly metadata: string | null }> {
    const [found] = await admin.fetchOffsets({ groupId: 'billing', topics: [topic] });
    const [{ offset, metadata } = { offset: '-1', metadata: null }] = found?.partitions ?? [];
    return { offset, metadata };
  }

  /** As a member does that has finished records of the old topic by now: brokers look at names alone. */
  async function commitLate(topic: string, late: Awaited<ReturnType<typeof committed>>): Promise<void> {
    const member = kafka.consumer({ groupId: 'billing', maxWaitTimeInMs: 100 });
    await member.connect();
    await member.subscribe({ topics: [topic], fromBeginning: true });
    const joined = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve));
    await member.run({ autoCommit: false, eachBatch: async () => {} });
    await joined;
    await member.commitOffsets([{ topic, partition: 0, ...late }]);
    await member.disconnect();
  }

  const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

  it('show a commit of a topic that had the name before: the new one is read from its beginning', {
    timeout: 3 * LIMIT,
  }, async () => {
    await create('orders');
    await write('orders', ...numbered('old', 20));
    const before: string[] = [];
    const first = veloOn('orders', before);
    await first.start();
    await expect.poll(() => before.length, { timeout: LIMIT }).toBe(20);
    await first.stop();
    const late = await committed('orders');
    expect(late).toEqual({
      offset: '20',
      metadata: `velo:partitions=1,topic=${(await ids('orders'))?.get('orders')};`,
    });

    await remake('orders');
    await write('orders', ...numbered('new', 40));
    await commitLate('orders', late);
    expect(await committed('orders')).toEqual(late);

    const after: string[] = [];
    const second = veloOn('orders', after);
    const resets: unknown[] = [];
    second.on('positionReset', (reset) => resets.push(reset));
    await second.start();
    await expect.poll(() => after.length, { timeout: LIMIT }).toBe(40);
    await second.stop();
    expect(after).toEqual(numbered('new', 40));
    expect(resets).toMatchObject([
      { topic: 'orders', partition: 0, from: 20, to: 0, reason: 'topic-made-again' },
    ]);
    expect(await committed('orders')).toEqual({
      offset: '40',
      metadata: `velo:partitions=0,topic=${(await ids('orders'))?.get('orders')};`,
    });
  });

  it('show a topic that was made again unseen by the client: it goes back to the beginning', {
    timeout: 3 * LIMIT,
  }, async () => {
    await create('bills');
    const handled: string[] = [];
    const consumer = veloOn('bills', handled);
    await consumer.start();
    await write('bills', ...numbered('old', 20));
    await expect.poll(() => handled.length, { timeout: LIMIT }).toBe(20);
    await remake('bills');
    await write('bills', ...numbered('new', 40));
    await expect.poll(() => new Set(handled).size, { timeout: LIMIT }).toBe(60);
    await consumer.stop();
    expect((await committed('bills')).offset).toBe('40');
  });
});

it('are told by the embedded broker, too', { timeout: LIMIT }, async () => {
  await using broker = await startEmbeddedBroker();
  const client = openKafkaJsClient(kafkaOn(broker));
  try {
    await client.createTopics([{ topic: 'told', partitions: 1, replicationFactor: 1 }]);
    expect(await client.topicIds?.(['told'])).toEqual(new Map([['told', expect.stringMatching(ID)]]));
  } finally {
    await client.close();
  }
});

it('are none where kafkajs is another one than velo knows', async () => {
  const client = withTopicIds({} as KafkaJs, () => ({}));
  expect(await client.fetchTopicIds(['orders'])).toEqual(new Map());
});
