import type { ClientBinding, PublishOutcome } from '@velo/retry-core/engine';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import type { Kafka, Producer } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKafkaJsClient } from '../src/index.js';
import { kafkaOn, record, Told, unique, until } from './support.js';

let broker: EmbeddedBroker;
let kafka: Kafka;
let client: ClientBinding;

beforeEach(async () => {
  broker = await startEmbeddedBroker({ brokers: 2 });
  kafka = kafkaOn(broker);
  client = openKafkaJsClient(kafka);
});

afterEach(async () => {
  await client.close();
  await broker.stop();
});

function newTopic(partitions: number): string {
  const topic = unique('topic');
  broker.createTopic(topic, { partitions });
  for (let partition = 0; partition < partitions; partition++)
    broker.setLeader(topic, partition, (partition % 2) + 1);
  return topic;
}

async function latest(topic: string, partitions: number): Promise<number[]> {
  const asked = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  return (await client.offsets(asked)).map((range) => range.latest);
}

async function bareProducer(): Promise<Producer> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 3 } });
  await producer.connect();
  return producer;
}

const written = (outcome: PublishOutcome | undefined) => outcome?.written;
const codes = (outcomes: readonly PublishOutcome[]) =>
  outcomes.map((outcome) => (outcome.written ? 0 : (outcome.error as { code?: unknown }).code));

describe('publish', () => {
  it('writes to several partitions, in order, and tells each offset', async () => {
    const topic = newTopic(3);
    const outcomes = await client.publish([
      record(topic, 2, 'a'),
      record(topic, 0, 'b'),
      record(topic, 2, 'c'),
      record(topic, 2, 'd'),
    ]);
    expect(outcomes).toEqual(['0', '0', '1', '2'].map((offset) => ({ written: true, offset })));
    expect(await latest(topic, 3)).toEqual([1, 0, 3]);
  });

  it('carries keys, tombstones, empty values, timestamps, and headers with their bytes and repeated names', async () => {
    const topic = newTopic(1);
    const bytes = Buffer.from([0, 0xff, 0x80, 0x0a]);
    const headers = [
      ['a', bytes],
      ['b', 'text'],
      ['a', ''],
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ] as const;
    await client.publish([
      record(topic, 0, null, { key: Buffer.from('k') }),
      record(topic, 0, '', { key: 'text', timestamp: 1_000, headers }),
    ]);
    const told = new Told();
    await client.join({ groupId: unique('group'), topics: [topic] }, told);
    await until(() => told.all.length === 2);
    const [tombstone, empty] = told.all;
    expect(tombstone).toMatchObject({ topic, partition: 0, offset: '0', key: Buffer.from('k'), value: null });
    expect([...(tombstone?.headers ?? [])]).toEqual([]);
    expect(empty).toMatchObject({
      offset: '1',
      timestamp: 1_000,
      key: Buffer.from('text'),
      value: Buffer.alloc(0),
    });
    expect(empty?.headers.all('a')).toEqual([bytes, Buffer.alloc(0)]);
    expect(empty?.headers.get('b')).toEqual(Buffer.from('text'));
    expect(empty?.headers.all('__proto__')).toEqual([Buffer.from('p')]);
    expect(empty?.headers.all('constructor')).toEqual([Buffer.from('c')]);
    expect(empty?.headers.get('toString')).toBeUndefined();
  });

  it('reports a partition that the client does not know, where bare kafkajs resolves and writes nothing', async () => {
    const topic = newTopic(1);
    const bare = await bareProducer();
    expect(await bare.send({ topic, messages: [{ value: 'x', partition: 3 }] })).toEqual([]);
    await bare.disconnect();

    const outcomes = await client.publish([record(topic, 0, 'a'), record(topic, 3, 'b')]);
    expect(codes(outcomes)).toEqual([0, 3]);
  });

  it('knows new partitions at the next call, where bare kafkajs looks after 5 minutes', async () => {
    const topic = newTopic(1);
    const bare = await bareProducer();
    await bare.send({ topic, messages: [{ value: 'x', partition: 0 }] });
    expect(codes(await client.publish([record(topic, 1, 'a')]))).toEqual([3]);
    await client.createPartitions(topic, 2);
    expect(await bare.send({ topic, messages: [{ value: 'x', partition: 1 }] })).toEqual([]);
    await bare.disconnect();

    expect((await client.publish([record(topic, 1, 'a')])).map(written)).toEqual([true]);
    expect(await latest(topic, 2)).toEqual([1, 1]);
  });

  it('loses nothing when a leader moves, where bare kafkajs loses a record and resolves', async () => {
    const topic = newTopic(2);
    const bare = await bareProducer();
    const both = [0, 1].map((partition) => ({ value: 'x', partition }));
    await bare.send({ topic, messages: both });
    broker.setLeader(topic, 1, 1);
    expect((await bare.send({ topic, messages: both })).map(({ partition }) => partition)).toEqual([0]);
    await bare.disconnect();
    expect(await latest(topic, 2)).toEqual([2, 1]);

    broker.setLeader(topic, 1, 2);
    await client.publish([record(topic, 0, 'a'), record(topic, 1, 'b')]);
    broker.setLeader(topic, 1, 1);
    const moved = await client.publish([record(topic, 0, 'a'), record(topic, 1, 'b')]);
    expect(codes(moved)[0]).toBe(0);
    expect(written(moved[1])).toBe(false);
    expect((await client.publish([record(topic, 1, 'b')])).map(written)).toEqual([true]);
    expect(await latest(topic, 2)).toEqual([4, 3]);
  });

  it('refuses a null header alone, where bare kafkajs fails with a TypeError', async () => {
    const topic = newTopic(1);
    const bare = await bareProducer();
    // biome-ignore lint/suspicious/noExplicitAny: kafkajs's types forbid the null that its protocol allows
    const messages = [{ value: 'x', partition: 0, headers: { h: null as any } }];
    await expect(bare.send({ topic, messages })).rejects.toThrow(TypeError);
    await bare.disconnect();

    expect(client.capabilities.nullHeaders).toBe(false);
    const outcomes = await client.publish([
      record(topic, 0, 'a'),
      record(topic, 0, 'b', { headers: [['h', null]] }),
      record(topic, 0, 'c'),
    ]);
    expect(codes(outcomes)).toEqual([0, 87, 0]);
    expect(await latest(topic, 1)).toEqual([2]);
  });

  it('finds the one record for which a broker rejects the batch', async () => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'first')]);
    const [ok, tooLarge] = [0, 10];
    // The batch of four, its halves, then the second half's halves.
    broker.pushErrors('Produce', [tooLarge, ok, tooLarge, tooLarge, ok]);
    const outcomes = await client.publish(['a', 'b', 'c', 'd'].map((value) => record(topic, 0, value)));
    expect(outcomes.map(written)).toEqual([true, true, false, true]);
    expect(outcomes[3]).toEqual({ written: true, offset: '3' });
  });

  it('sends nothing after a batch that failed for a while, so that the order stays', async () => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'first')]);
    broker.pushErrors('Produce', [7]);
    const large = 'x'.repeat(300_000);
    const outcomes = await client.publish([large, large, large].map((value) => record(topic, 0, value)));
    expect(outcomes.map(written)).toEqual([false, false, false]);
    expect(await latest(topic, 1)).toEqual([1]);
  });

  it('splits what is too much for one request', async () => {
    const topic = newTopic(1);
    const large = 'x'.repeat(400_000);
    const outcomes = await client.publish(
      [large, large, large, large].map((value) => record(topic, 0, value)),
    );
    expect(outcomes).toEqual(['0', '1', '2', '3'].map((offset) => ({ written: true, offset })));
  });

  it('never rejects, and writes again after all brokers were away', async () => {
    const topic = newTopic(2);
    await client.publish([record(topic, 0, 'a')]);
    broker.brokerDown(1);
    broker.brokerDown(2);
    const away = await client.publish([record(topic, 0, 'b'), record(topic, 1, 'b')]);
    expect(away.map(written)).toEqual([false, false]);
    broker.brokerUp(1);
    broker.brokerUp(2);
    expect((await client.publish([record(topic, 0, 'b'), record(topic, 1, 'b')])).map(written)).toEqual([
      true,
      true,
    ]);
  });

  it('writes to other topics when one was deleted, where a bare producer fails for good', async () => {
    const [gone, topic] = [newTopic(1), newTopic(1)];
    await client.publish([record(gone, 0, 'a'), record(topic, 0, 'a')]);
    const bare = kafka.producer({ allowAutoTopicCreation: false, metadataMaxAge: 1, retry: { retries: 0 } });
    await bare.connect();
    await bare.send({ topic: gone, messages: [{ value: 'x' }] });
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [gone] });
    await admin.disconnect();
    for (let i = 0; i < 2; i++) {
      await expect(bare.send({ topic, messages: [{ value: 'x' }] })).rejects.toMatchObject({
        cause: { code: 3 },
      });
    }
    await bare.disconnect();

    expect(codes(await client.publish([record(gone, 0, 'b')]))).not.toEqual([0]);
    expect((await client.publish([record(topic, 0, 'b')])).map(written)).toEqual([true]);
  });

  it('fails with VELO_CLOSED after close', async () => {
    await client.close();
    await client.close();
    expect(codes(await client.publish([record('any', 0, 'a')]))).toEqual(['VELO_CLOSED']);
  });
});
