import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EmbeddedBroker, type EmbeddedBrokerOptions, startEmbeddedBroker } from '../src/index.js';
import { kafkaClient, rootError, sendOnce, startConsumer } from './support/kafkajs.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function broker(options?: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const started = await startEmbeddedBroker(options);
  cleanups.push(() => started.stop());
  return started;
}

async function consumer(target: EmbeddedBroker, topic: string, groupId: string, maxWaitTimeInMs = 50) {
  const config = { groupId, maxWaitTimeInMs, heartbeatInterval: 50 };
  const running = await startConsumer(kafkaClient(target.brokers), topic, config);
  cleanups.push(() => running.consumer.disconnect());
  return running;
}

describe('records', () => {
  it('go from a producer to a consumer group', async () => {
    const cluster = await broker();
    cluster.createTopic('orders', { partitions: 2 });
    await sendOnce(kafkaClient(cluster.brokers), 'orders', 'first');
    const { received } = await consumer(cluster, 'orders', 'billing');
    await vi.waitFor(() => expect(received.map((record) => record.value?.toString())).toEqual(['first']));
  });

  it('reach a consumer that waits, long before its maxWaitTimeInMs', async () => {
    const cluster = await broker();
    cluster.createTopic('orders', { partitions: 1 });
    const { received, joined } = await consumer(cluster, 'orders', 'billing', 3_000);
    await joined;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sendOnce(kafkaClient(cluster.brokers), 'orders', 'first');
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 500, interval: 5 });
  });

  it('keep keys, headers with several values, empty values and tombstones', async () => {
    const cluster = await broker();
    cluster.createTopic('orders', { partitions: 1 });
    const producer = kafkaClient(cluster.brokers).producer();
    await producer.connect();
    const headers = { many: [Buffer.from([0, 255]), Buffer.from('b')] };
    await producer.send({
      topic: 'orders',
      messages: [
        { key: 'k', value: null, headers },
        { key: null, value: '' },
      ],
    });
    await producer.disconnect();
    const { received } = await consumer(cluster, 'orders', 'billing');
    await vi.waitFor(() => expect(received).toHaveLength(2));
    expect(received[0]).toMatchObject({ key: Buffer.from('k'), value: null, headers });
    expect(received[1]).toMatchObject({ key: null, value: Buffer.alloc(0) });
  });

  it('come many to an answer, although each was sent alone', async () => {
    const cluster = await broker({ trackRequests: true });
    cluster.createTopic('orders', { partitions: 1 });
    const producer = kafkaClient(cluster.brokers).producer();
    await producer.connect();
    const values = Array.from({ length: 200 }, (_, index) => String(index));
    for (const value of values) await producer.send({ topic: 'orders', messages: [{ value }] });
    await producer.disconnect();
    const { received } = await consumer(cluster, 'orders', 'billing');
    await vi.waitFor(() => expect(received.map(({ value }) => String(value))).toEqual(values));
    expect(cluster.requests().filter(({ request }) => request === 'Fetch').length).toBeLessThan(20);
  });

  it.each([
    { kind: 'idempotent', config: { idempotent: true } },
    { kind: 'transactional', config: { idempotent: true, transactionalId: 'tx', maxInFlightRequests: 1 } },
  ])('are taken from an $kind producer', async ({ kind, config }) => {
    const cluster = await broker();
    cluster.createTopic('orders', { partitions: 1 });
    const producer = kafkaClient(cluster.brokers).producer(config);
    await producer.connect();
    const sender = kind === 'transactional' ? await producer.transaction() : producer;
    await sender.send({ topic: 'orders', messages: [{ value: 'once' }] });
    if ('commit' in sender) await sender.commit();
    await producer.disconnect();
    const { received } = await consumer(cluster, 'orders', 'billing');
    await vi.waitFor(() => expect(received).toHaveLength(1));
  });
});

describe('topics', () => {
  it('are missing until they are created, where the client forbids auto-creation', async () => {
    const cluster = await broker();
    const kafka = kafkaClient(cluster.brokers);
    const admin = kafka.admin();
    await admin.connect();
    cleanups.push(() => admin.disconnect());

    expect(await rootError(admin.fetchTopicMetadata({ topics: ['orders'] }))).toMatchObject({ code: 3 });
    expect(await rootError(sendOnce(kafka, 'orders', 'lost'))).toMatchObject({ code: 3 });
    cluster.createTopic('orders', { partitions: 2 });
    expect((await admin.fetchTopicMetadata({ topics: ['orders'] })).topics[0]?.partitions).toHaveLength(2);
    expect(() => cluster.createTopic('orders')).toThrow('TOPIC_ALREADY_EXISTS');
  });

  it('have their leaders in turn, and move where they are told', async () => {
    const cluster = await broker({ brokers: 3 });
    cluster.createTopic('orders', { partitions: 4 });
    cluster.setLeader('orders', 3, 2);
    const admin = kafkaClient(cluster.brokers).admin();
    await admin.connect();
    cleanups.push(() => admin.disconnect());
    const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
    expect(topics[0]?.partitions.map((partition) => partition.leader)).toEqual([1, 2, 3, 2]);
    cluster.setLeader('orders', 3, -1);
    // By itself kafkajs tries again for 9 s.
    const impatient = kafkaClient(cluster.brokers, { retry: { retries: 0 } }).admin();
    await impatient.connect();
    cleanups.push(() => impatient.disconnect());
    expect(await rootError(impatient.fetchTopicMetadata({ topics: ['orders'] }))).toMatchObject({ code: 5 });
  });

  it('are refused a name that Kafka holds to be the same as another', async () => {
    const cluster = await broker();
    const admin = kafkaClient(cluster.brokers).admin();
    await admin.connect();
    cleanups.push(() => admin.disconnect());
    const create = (topic: string) => admin.createTopics({ topics: [{ topic }], waitForLeaders: false });
    await create('billing.v1');
    await expect(create('billing_v1')).rejects.toMatchObject({
      errors: [{ type: 'INVALID_TOPIC_EXCEPTION' }],
    });
    expect(await create('billing.v10')).toBe(true);
  });

  it('are created, grown and deleted by an admin client', async () => {
    const cluster = await broker();
    const kafka = kafkaClient(cluster.brokers);
    const admin = kafka.admin();
    await admin.connect();
    cleanups.push(() => admin.disconnect());
    const create = (topic: string, numPartitions = 1, replicationFactor = 1) =>
      admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor }], waitForLeaders: false });

    expect(await create('orders')).toBe(true);
    expect(await create('orders')).toBe(false);
    await expect(create('in/valid')).rejects.toMatchObject({ errors: [{ type: 'INVALID_TOPIC_EXCEPTION' }] });
    await expect(create('none', 0)).rejects.toMatchObject({ errors: [{ type: 'INVALID_PARTITIONS' }] });
    await expect(create('far', 1, 2)).rejects.toMatchObject({
      errors: [{ type: 'INVALID_REPLICATION_FACTOR' }],
    });

    await sendOnce(kafka, 'orders', 'kept');
    await admin.createPartitions({ topicPartitions: [{ topic: 'orders', count: 3 }] });
    await sendOnce(kafka, 'orders', 'new', 2);
    const { received } = await consumer(cluster, 'orders', 'billing');
    await vi.waitFor(() => expect(received.map(({ partition }) => partition).sort()).toEqual([0, 2]));

    await admin.deleteTopics({ topics: ['orders'] });
    expect(await rootError(admin.fetchTopicMetadata({ topics: ['orders'] }))).toMatchObject({ code: 3 });
  });

  it('answer with the error that was set', async () => {
    const cluster = await broker();
    cluster.createTopic('orders');
    cluster.setTopicError('orders', 29);
    expect(await rootError(sendOnce(kafkaClient(cluster.brokers), 'orders', 'x'))).toMatchObject({
      code: 29,
    });
    cluster.setTopicError('orders', 0);
    await sendOnce(kafkaClient(cluster.brokers), 'orders', 'x');
  });
});

describe('groups', () => {
  it('rebalance at once when a member joins and when it leaves, whatever the session timeout', async () => {
    const cluster = await broker();
    cluster.createTopic('orders', { partitions: 4 });
    const first = await consumer(cluster, 'orders', 'billing');
    await first.joined;
    const assignments: number[] = [];
    first.consumer.on(first.consumer.events.GROUP_JOIN, ({ payload }) => {
      assignments.push(payload.memberAssignment.orders?.length ?? 0);
    });
    const second = await consumer(cluster, 'orders', 'billing');
    await second.joined;
    await second.consumer.disconnect();
    await vi.waitFor(() => expect(assignments).toEqual([2, 4]));
  });
});

describe('faults', () => {
  it('hands out pushed errors one by one, then serves again', async () => {
    const cluster = await broker();
    cluster.createTopic('orders');
    const kafka = kafkaClient(cluster.brokers);
    cluster.pushErrors('Produce', [7, 10]);
    expect(await rootError(sendOnce(kafka, 'orders', 'x'))).toMatchObject({ code: 7 });
    expect(await rootError(sendOnce(kafka, 'orders', 'x'))).toMatchObject({ code: 10 });
    await sendOnce(kafka, 'orders', 'x');
  });

  it('drops the connection on -195, and forgets what was cleared', async () => {
    const cluster = await broker();
    cluster.createTopic('orders');
    const kafka = kafkaClient(cluster.brokers);
    cluster.pushErrors('Produce', [-195]);
    expect((await rootError(sendOnce(kafka, 'orders', 'x'))).name).toBe('KafkaJSConnectionClosedError');
    cluster.pushErrors('Produce', [7, 7, 7]);
    cluster.clearErrors('Produce');
    await sendOnce(kafka, 'orders', 'x');
  });

  it('delays the scripted answers of one broker', async () => {
    const cluster = await broker({ brokers: 2 });
    cluster.createTopic('orders', { partitions: 2 });
    cluster.pushAnswers(1, 'Produce', [{ delay: 200 }]);
    const took = async (partition: number) => {
      const started = performance.now();
      await sendOnce(kafkaClient(cluster.brokers), 'orders', 'x', partition);
      return performance.now() - started;
    };
    expect(await took(1)).toBeLessThan(190);
    expect(await took(0)).toBeGreaterThan(195);
    expect(await took(0)).toBeLessThan(190);
  });

  it('refuses connections while a broker is down, and names another controller', async () => {
    const cluster = await broker({ brokers: 2 });
    cluster.createTopic('orders', { partitions: 2 });
    const kafka = kafkaClient(cluster.brokers, { retry: { retries: 0 } });
    cluster.brokerDown(1);
    expect((await rootError(sendOnce(kafka, 'orders', 'x', 0))).name).not.toBeUndefined();
    cluster.setLeader('orders', 0, 2);
    const alive = kafkaClient(cluster.brokers.slice(1), { retry: { retries: 0 } });
    await sendOnce(alive, 'orders', 'x', 0);
    const admin = alive.admin();
    await admin.connect();
    cleanups.push(() => admin.disconnect());
    expect((await admin.describeCluster()).controller).toBe(2);
    cluster.brokerUp(1);
    cluster.setLeader('orders', 0, 1);
    await sendOnce(kafka, 'orders', 'x', 0);
  });

  it('lists the requests that it got', async () => {
    const cluster = await broker({ trackRequests: true });
    cluster.createTopic('orders');
    await sendOnce(kafkaClient(cluster.brokers), 'orders', 'x');
    const names = () => cluster.requests().map(({ request }) => request);
    expect(names()).toEqual(['ApiVersions', 'Metadata', 'Produce']);
    cluster.clearRequests();
    expect(names()).toEqual([]);
  });
});

describe('life', () => {
  it('starts and stops again and again, side by side too', async () => {
    for (let round = 0; round < 10; round++) {
      const [one, two] = [await startEmbeddedBroker(), await startEmbeddedBroker({ brokers: 3 })];
      one.createTopic('orders');
      await sendOnce(kafkaClient(one.brokers), 'orders', 'x');
      expect(await rootError(sendOnce(kafkaClient(two.brokers), 'orders', 'x'))).toMatchObject({ code: 3 });
      await Promise.all([one.stop(), two.stop()]);
    }
  });

  it('stops twice without harm, and says so when it is used afterwards', async () => {
    const cluster = await broker();
    await cluster.stop();
    await cluster.stop();
    expect(() => cluster.createTopic('orders')).toThrow('has been stopped');
    await expect(startEmbeddedBroker({ brokers: 0 })).rejects.toThrow(RangeError);
  });
});
