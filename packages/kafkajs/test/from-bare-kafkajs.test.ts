import type { VeloConsumer } from '@velo/engine';
import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import type { Consumer, Kafka, Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVelo } from '../src/index.js';
import { createLedTopics, kafkaOn } from './support.js';

const TIMES = {
  sessionTimeout: 6_000,
  heartbeatInterval: 100,
  maxWaitTimeInMs: 100,
  rebalanceTimeout: 3_000,
};
const SILENT = { info() {}, warn() {}, error() {} };
const START_LIMIT = 180_000;
const PARTITIONS = [0, 1, 2, 3];

/**
 * A service that leaves bare kafkajs for velo, its group and topic unchanged. On a real Kafka: the embedded broker's coordinator
 * gives up where members prefer different assigners.
 */
describe.skipIf(!javaAvailable())('a group that was bare kafkajs’s', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let producer: Producer;
  let topic: string;
  let names = 0;
  /** Who has handled what. */
  let handled: { readonly by: string; readonly value: string }[];
  let bare: Map<string, Consumer>;
  let velos: VeloConsumer[];

  beforeAll(async () => {
    cluster = await startKafka();
    kafka = kafkaOn(cluster);
    producer = kafka.producer();
    await producer.connect();
  }, START_LIMIT);
  afterAll(async () => {
    await producer?.disconnect();
    await cluster?.stop();
  });
  afterEach(async () => {
    await Promise.all(velos.map((consumer) => consumer.stop()));
    await Promise.all([...bare.values()].map((consumer) => consumer.disconnect()));
  });

  async function begin(): Promise<void> {
    topic = `orders-${++names}`;
    [handled, bare, velos] = [[], new Map(), []];
    const admin = kafka.admin();
    await admin.connect();
    await createLedTopics(admin, [{ topic, numPartitions: PARTITIONS.length }]);
    await admin.disconnect();
  }

  /** A value to each partition. */
  async function write(name: string): Promise<string[]> {
    const values = PARTITIONS.map((partition) => `${name}-${partition}`);
    await producer.send({ topic, messages: values.map((value, partition) => ({ value, partition })) });
    return values;
  }

  async function bareMember(by: string): Promise<void> {
    const consumer = kafka.consumer({ groupId: topic, ...TIMES });
    bare.set(by, consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => void handled.push({ by, value: String(message.value) }),
    });
  }

  async function leave(by: string): Promise<void> {
    await bare.get(by)?.disconnect();
    bare.delete(by);
  }

  async function veloMember(by: string): Promise<void> {
    const consumer = createVelo(kafka, { logger: SILENT, env: {} }).consumer({
      groupId: topic,
      topics: [topic],
      client: TIMES,
      handler: ({ value }) => void handled.push({ by, value: String(value) }),
    });
    velos.push(consumer);
    await consumer.start();
  }

  const missing = (values: readonly string[], by?: string) =>
    values.filter((value) => !handled.some((each) => each.value === value && (by ?? each.by) === each.by));
  const untilHandled = (values: readonly string[], by?: string) =>
    expect.poll(() => missing(values, by), { timeout: 15_000 }).toEqual([]);

  it('goes on where it stood: what was committed does not come again, nothing in between is missed', async () => {
    await begin();
    await bareMember('bare');
    await untilHandled(await write('before'));
    await leave('bare');
    const between = await write('between');
    await veloMember('velo');
    await untilHandled([...between, ...(await write('after'))], 'velo');
    expect(handled.filter(({ by, value }) => by === 'velo' && value.startsWith('before'))).toEqual([]);
  });

  it('is deployed member by member: old and new ones share the partitions, and no record is missed', {
    timeout: 60_000,
  }, async () => {
    await begin();
    await Promise.all([bareMember('bare 1'), bareMember('bare 2')]);
    const written = await write('before');
    await untilHandled(written);
    const steps = [
      () => veloMember('velo 1'),
      () => leave('bare 1'),
      () => veloMember('velo 2'),
      () => leave('bare 2'),
    ];
    for (const [number, step] of steps.entries()) {
      // Records come before, while and after the group rebalances.
      const stepping = step();
      written.push(...(await write(`during ${number}`)));
      await stepping;
      written.push(...(await write(`after ${number}`)));
      await untilHandled(written);
    }
    const last = await write('last');
    await untilHandled(last);
    expect(
      new Set(handled.filter(({ value }) => last.includes(value)).map(({ by }) => by.split(' ')[0])),
    ).toEqual(new Set(['velo']));
  });
});
