import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest';
import { javaAvailable, type KafkaCluster, startKafka } from '../src/index.js';
import { kafkaClient, rootError, sendOnce, startConsumer } from './support/kafkajs.js';

const START_LIMIT = 90_000;

async function createTopic(
  cluster: KafkaCluster,
  topic: string,
  configs: Record<string, string> = {},
): Promise<void> {
  const admin = kafkaClient(cluster.brokers).admin();
  await admin.connect();
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
  await admin.disconnect();
}

/** All values of a topic so far. */
async function readAll(cluster: KafkaCluster, topic: string, count: number): Promise<string[]> {
  const groupId = `read-${Math.random()}`;
  const { consumer, received } = await startConsumer(kafkaClient(cluster.brokers), topic, {
    groupId,
    maxWaitTimeInMs: 50,
  });
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  await consumer.disconnect();
  return received.map(({ value }) => String(value));
}

/** A node that comes back takes its time to lead again, on a busy machine some seconds. */
const PATIENT = { retry: { retries: 20, initialRetryTime: 200, maxRetryTime: 1_000 } };

describe.skipIf(!javaAvailable())('one node, with users, ACLs and a proxy', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka({ users: { alice: 'a', bob: 'b' }, superUsers: ['alice'], proxied: true });
  }, START_LIMIT);
  afterAll(() => cluster?.stop());

  const asUser = (username: string, password: string) =>
    new Kafka({
      brokers: [...cluster.saslBrokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      sasl: { mechanism: 'plain', username, password },
    });

  it('takes records and hands them out, through the proxy', async () => {
    onTestFailed(() => cluster.keepLogs());
    await createTopic(cluster, 'orders');
    await sendOnce(kafkaClient(cluster.brokers), 'orders', 'first');
    expect(await readAll(cluster, 'orders', 1)).toEqual(['first']);
    const open = kafkaClient(cluster.brokers).admin();
    await open.connect();
    expect(cluster.proxy(1).connections).toBeGreaterThan(0);
    await open.disconnect();
  });

  it('creates no topic by being asked for it', async () => {
    expect(await rootError(sendOnce(kafkaClient(cluster.brokers), 'missing', 'x'))).toMatchObject({
      code: 3,
    });
  });

  it('creates topics with their own configuration', async () => {
    await createTopic(cluster, 'short', { 'max.message.bytes': '1000' });
    const error = await rootError(sendOnce(kafkaClient(cluster.brokers), 'short', 'x'.repeat(2_000)));
    expect(error).toMatchObject({ code: 10 });
  });

  it('lets in who has the password, and lets do what the ACLs allow', async () => {
    await createTopic(cluster, 'private');
    await sendOnce(asUser('alice', 'a'), 'private', 'x');
    const denied = await rootError(sendOnce(asUser('bob', 'b'), 'private', 'x'));
    expect(denied).toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
    const unknown = await rootError(sendOnce(asUser('bob', 'wrong'), 'private', 'x'));
    expect(unknown.name).toBe('KafkaJSSASLAuthenticationError');

    const admin = asUser('alice', 'a').admin();
    await admin.connect();
    await admin.createAcls({
      acl: [
        {
          resourceType: AclResourceTypes.TOPIC,
          resourceName: 'private',
          resourcePatternType: ResourcePatternTypes.LITERAL,
          principal: 'User:bob',
          host: '*',
          operation: AclOperationTypes.WRITE,
          permissionType: AclPermissionTypes.ALLOW,
        },
      ],
    });
    await admin.disconnect();
    await vi.waitFor(() => sendOnce(asUser('bob', 'b'), 'private', 'x'), { timeout: 5_000, interval: 100 });
  });

  it('writes what it acknowledges to nobody when the answers are swallowed', async () => {
    await createTopic(cluster, 'twice');
    const kafka = kafkaClient(cluster.brokers, { requestTimeout: 500, retry: { retries: 0 } });
    const producer = kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    await producer.send({ topic: 'twice', messages: [{ value: 'known' }] });
    cluster.proxy(1).swallow('to-client');
    const error = await rootError(producer.send({ topic: 'twice', messages: [{ value: 'unknown' }] }));
    expect(error.name).toMatch(/Timeout|Connection/);
    await cluster.proxy(1).heal();
    await producer.disconnect();
    expect(await readAll(cluster, 'twice', 2)).toEqual(['known', 'unknown']);
  });

  it('is out of reach while its proxy refuses', async () => {
    await cluster.proxy(1).refuse();
    const error = await rootError(
      sendOnce(kafkaClient(cluster.brokers, { retry: { retries: 0 } }), 'orders', 'x'),
    );
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    await cluster.proxy(1).heal();
    await sendOnce(kafkaClient(cluster.brokers), 'orders', 'x');
  });

  it('answers nothing while it is paused', async () => {
    const kafka = kafkaClient(cluster.brokers, {
      requestTimeout: 300,
      connectionTimeout: 300,
      retry: { retries: 0 },
    });
    cluster.node(1).pause();
    expect((await rootError(sendOnce(kafka, 'orders', 'x'))).name).toMatch(/Timeout|Connection/);
    cluster.node(1).resume();
    await sendOnce(kafkaClient(cluster.brokers), 'orders', 'x');
  });

  it(
    'keeps its records over a kill and a clean stop',
    async () => {
      await createTopic(cluster, 'kept');
      await sendOnce(kafkaClient(cluster.brokers, PATIENT), 'kept', 'one');
      await cluster.node(1).kill();
      expect(cluster.node(1).running).toBe(false);
      await cluster.node(1).start();
      await sendOnce(kafkaClient(cluster.brokers, PATIENT), 'kept', 'two');
      await cluster.node(1).stop();
      await cluster.node(1).start();
      expect(await readAll(cluster, 'kept', 2)).toEqual(['one', 'two']);
    },
    START_LIMIT,
  );

  it('leaves nothing behind when it is stopped', async () => {
    const home = dirname(dirname(cluster.node(1).logFile));
    expect(existsSync(home)).toBe(true);
    await cluster.stop();
    await cluster.stop();
    expect(existsSync(home)).toBe(false);
  });
});

describe.skipIf(!javaAvailable())('three nodes', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka({ nodes: 3 });
  }, START_LIMIT);
  afterAll(() => cluster?.stop());

  it(
    'go on when the leader is killed, and lose nothing',
    async () => {
      await createTopic(cluster, 'orders');
      const kafka = kafkaClient(cluster.brokers, {
        retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 500 },
      });
      const producer = kafka.producer();
      await producer.connect();
      const send = (value: string) => producer.send({ topic: 'orders', acks: -1, messages: [{ value }] });
      await send('before');

      const admin = kafka.admin();
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
      const leader = topics[0]?.partitions[0]?.leader as number;
      await admin.disconnect();

      await cluster.node(leader).kill();
      await send('without its leader');
      await cluster.node(leader).start();
      await sleep(100);
      await send('after');
      await producer.disconnect();
      expect(await readAll(cluster, 'orders', 3)).toEqual(['before', 'without its leader', 'after']);
    },
    START_LIMIT,
  );

  it('have no proxy unless they are told to', () => {
    expect(() => cluster.proxy(1)).toThrow('there is no proxy 1');
    expect(() => cluster.node(4)).toThrow('there is no node 4');
  });
});
