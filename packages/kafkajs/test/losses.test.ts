import type { VeloProducer } from '@velo/engine';
import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import { sleep, uniqueName } from '@velo/testkit/binding';
import { Observer } from '@velo/testkit/contract';
import { type Admin, Kafka, logLevel, type Producer, type ProducerConfig } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createVelo } from '../src/index.js';
import { createLedTopics, offsetsOf } from './support.js';

/** For a node that is stopped and started again beside the chaos, ms. */
const RESTART_LIMIT = 120_000;

/** For three nodes on a busy machine, and the first download. In ms. */
const START_LIMIT = 180_000;
/** kafkajs tries again after 0.3 and 0.9 s, and gives up after 9. In ms. */
const BLOCKED_FOR = 1_000;

/** On a real Kafka: each test first shows what kafkajs does by itself, then velo doing the same. */
describe.skipIf(!javaAvailable())('what bare kafkajs loses, doubles or fails on, and velo does not', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;
  let observer: Observer;
  let bare: Producer;
  let velo: VeloProducer;

  beforeAll(async () => {
    cluster = await startKafka({ nodes: 3 });
    kafka = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
    observer = new Observer(cluster.brokers);
    await observer.connect();
  }, START_LIMIT);

  afterAll(async () => {
    await Promise.all([admin?.disconnect(), observer?.disconnect()]);
    await cluster?.stop();
  });

  beforeEach(async () => {
    bare = await bareProducer();
    velo = createVelo(kafka).producer();
  });

  afterEach(async () => {
    await Promise.all([bare.disconnect(), velo.disconnect()]);
  });

  async function bareProducer(config: ProducerConfig = {}): Promise<Producer> {
    const producer = kafka.producer({ allowAutoTopicCreation: false, ...config });
    await producer.connect();
    return producer;
  }

  /**
   * A topic with these replicas of each partition, the leader first. Of two both must be in sync, by the cluster's
   * default; of one Kafka asks for no more than there are.
   */
  async function topicOn(partitions: number[][], configs: Record<string, string> = {}): Promise<string> {
    const topic = uniqueName('topic');
    const replicaAssignment = partitions.map((replicas, partition) => ({ partition, replicas }));
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await createLedTopics(admin, [{ topic, replicaAssignment, configEntries }]);
    return topic;
  }

  /** How many records each partition of a topic has, in the order of the partitions. */
  async function counts(topic: string): Promise<number[]> {
    const offsets = await offsetsOf(admin, topic);
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  }

  const both = [0, 1].map((partition) => ({ partition, value: 'x' }));

  it('a record whose leader has moved, of a send over several partitions', async () => {
    const topic = await topicOn([[1], [2]]);
    await bare.send({ topic, messages: both });
    await observer.movePartition(topic, 1, 1);
    const answers = await bare.send({ topic, messages: both });
    expect(answers.map(({ partition }) => partition)).toEqual([0]);
    expect(await counts(topic)).toEqual([2, 1]);

    const other = await topicOn([[1], [2]]);
    await velo.send({ topic: other, messages: both });
    await observer.movePartition(other, 1, 1);
    expect(await velo.send({ topic: other, messages: both })).toHaveLength(2);
    expect(await counts(other)).toEqual([2, 2]);
  });

  it('a record for a partition that the producer’s metadata lacks', async () => {
    const topic = await topicOn([[1]]);
    const [message] = both;
    await bare.send({ topic, messages: [message as (typeof both)[0]] });
    await velo.send({ topic, messages: [message as (typeof both)[0]] });
    await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
    while ((await counts(topic)).length < 2) await sleep(50);

    expect(await bare.send({ topic, messages: [{ partition: 1, value: 'lost' }] })).toEqual([]);
    expect(await counts(topic)).toEqual([2, 0]);
    expect(await velo.send({ topic, messages: [{ partition: 1, value: 'x' }] })).toMatchObject([
      { partition: 1, offset: '0' },
    ]);
    expect(await counts(topic)).toEqual([2, 1]);
  });

  it('the record after a rejected send, by an idempotent producer', async () => {
    const parts = async () => {
      const [open, narrow] = [await topicOn([[1]]), await topicOn([[1]], { 'max.message.bytes': '200' })];
      const topicMessages = [
        { topic: narrow, messages: [{ value: 'x'.repeat(1_000) }] },
        { topic: open, messages: [{ value: 'first' }] },
      ];
      return { open, topicMessages };
    };
    const idempotent = await bareProducer({ idempotent: true, maxInFlightRequests: 1 });
    const one = await parts();
    await expect(idempotent.sendBatch({ topicMessages: one.topicMessages })).rejects.toThrow();
    expect(await counts(one.open)).toEqual([1]);
    const answers = await idempotent.send({ topic: one.open, messages: [{ value: 'second' }] });
    expect(answers).toMatchObject([{ errorCode: 0 }]);
    expect(await counts(one.open)).toEqual([1]);
    await idempotent.disconnect();

    const other = await parts();
    await expect(velo.sendBatch({ topicMessages: other.topicMessages })).rejects.toThrow();
    await velo.send({ topic: other.open, messages: [{ value: 'second' }] });
    expect(await counts(other.open)).toEqual([2]);
  });

  it('doubles of what was written, where another topic of a sendBatch takes nothing for a while', {
    timeout: RESTART_LIMIT,
  }, async () => {
    const parts = async () => {
      const [open, blocked] = [await topicOn([[1]]), await topicOn([[1, 3]])];
      const topicMessages = [open, blocked].map((topic) => ({ topic, messages: [{ value: 'x' }] }));
      return { open, blocked, topicMessages };
    };
    const [one, other] = [await parts(), await parts()];
    // By itself it gives up after 9 s, and a busy node takes longer to come back.
    const patient = await bareProducer({ retry: { retries: 200, maxRetryTime: 500 } });
    await cluster.node(3).stop();
    const sending = Promise.all([
      patient.sendBatch({ topicMessages: one.topicMessages }),
      velo.sendBatch({ topicMessages: other.topicMessages }),
    ]);
    const starting = sleep(BLOCKED_FOR).then(() => cluster.node(3).start());
    await Promise.all([sending, starting]);
    await patient.disconnect();
    expect((await counts(one.open))[0]).toBeGreaterThan(1);
    expect([await counts(other.open), await counts(other.blocked)]).toEqual([[1], [1]]);
  });

  it('a TypeError for a header without a value', async () => {
    const topic = await topicOn([[1]]);
    // biome-ignore lint/suspicious/noExplicitAny: kafkajs's types forbid the null that its protocol allows
    const sending = bare.send({ topic, messages: [{ value: 'x', headers: { h: null as any } }] });
    await expect(sending).rejects.toThrow(TypeError);
    expect(await counts(topic)).toEqual([0]);

    await velo.send({ topic, messages: [{ value: 'x', headers: { h: null } }] });
    expect(await counts(topic)).toEqual([1]);
  });
});
