import type { VeloConsumer } from '@velo/engine';
import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import { sleep } from '@velo/testkit/binding';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVelo } from '../src/index.js';
import { kafkaOn } from './support.js';

const TIMES = { sessionTimeout: 6_000, heartbeatInterval: 100, maxWaitTimeInMs: 100 };
const SILENT = { info() {}, warn() {}, error() {} };
const START_LIMIT = 180_000;
/** A look at the group comes within 5 s. */
const LIMIT = 20_000;
const NUMBERS = [0, 1];

describe.skipIf(!javaAvailable())('beside a bare kafkajs in one group, with another topic', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;
  let bare: Consumer | undefined;
  let consumer: VeloConsumer | undefined;
  /** The bare one has. */
  let crashed = false;
  let groups = 0;

  beforeAll(async () => {
    cluster = await startKafka();
    kafka = kafkaOn(cluster);
    admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: ['a', 'b'].map((topic) => ({ topic, numPartitions: 2 })) });
  }, START_LIMIT);
  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.stop();
  });
  afterEach(end);

  async function end(): Promise<void> {
    await consumer?.stop();
    await bare?.disconnect();
    bare = undefined;
    crashed = false;
  }

  async function bareOn(topic: string): Promise<string[]> {
    const handled: string[] = [];
    bare = kafka.consumer({ groupId: `group-${groups}`, ...TIMES });
    bare.on(bare.events.CRASH, () => {
      crashed = true;
    });
    await bare.connect();
    await bare.subscribe({ topics: [topic], fromBeginning: true });
    const joined = new Promise((resolve) => bare?.on(bare.events.GROUP_JOIN, resolve));
    await bare.run({ eachMessage: async ({ message }) => void handled.push(String(message.value)) });
    await joined;
    return handled;
  }

  async function veloOn(topic: string): Promise<string[]> {
    const handled: string[] = [];
    consumer = createVelo(kafka, { logger: SILENT }).consumer({
      groupId: `group-${groups}`,
      topics: [topic],
      startFrom: 'earliest',
      client: TIMES,
      handler: ({ value }) => void handled.push(String(value)),
    });
    await consumer.start();
    return handled;
  }

  async function write(topic: string): Promise<string[]> {
    const producer = kafka.producer();
    await producer.connect();
    const values = NUMBERS.map((partition) => `${groups} ${topic} ${partition}`);
    await producer.send({
      topic,
      messages: values.map((value, partition) => ({ value, partition })),
    });
    await producer.disconnect();
    return values;
  }

  it('velo as the leader serves both', { timeout: 2 * LIMIT }, async () => {
    groups++;
    const own = await veloOn('a');
    const others = await bareOn('b');
    const [a, b] = [await write('a'), await write('b')];
    await expect.poll(() => own, { timeout: LIMIT }).toEqual(expect.arrayContaining(a));
    await expect.poll(() => others, { timeout: LIMIT }).toEqual(expect.arrayContaining(b));
    expect(consumer?.health()).toMatchObject({ state: 'running', unread: [] });
  });

  it('a bare leader leaves velo’s topic unread: it is told, and over when that one has gone', {
    timeout: 3 * LIMIT,
  }, async () => {
    let own: string[] = [];
    // A bare kafkajs ends by itself where a rebalance leaves it the second partition alone, which is every other time.
    for (let attempts = 0; attempts === 0 || (crashed && attempts < 15); attempts++) {
      await end();
      groups++;
      await bareOn('a');
      own = await veloOn('b');
      await sleep(500);
    }
    const values = await write('b');
    const unread = () => consumer?.health().unread.filter(({ topic }) => topic === 'b');
    await expect.poll(unread, { timeout: LIMIT }).toHaveLength(2);
    expect(consumer?.health().state).toBe('unread');
    const told: string[] = [];
    consumer?.on('unread', ({ explanation }) => told.push(explanation));
    await bare?.disconnect();
    bare = undefined;
    await expect.poll(() => own, { timeout: LIMIT }).toEqual(expect.arrayContaining(values));
    await expect.poll(() => consumer?.health().state, { timeout: LIMIT }).toBe('running');
    expect(told).toEqual([`All partitions of group "group-${groups}" are read again.`]);
  });
});
