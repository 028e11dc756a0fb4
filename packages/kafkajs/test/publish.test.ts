import type { EmbeddedBroker } from '@velo/testkit';
import { bindingTest, codes, publishEach, record, written } from '@velo/testkit/binding';
import type { Producer } from 'kafkajs';
import { describe, expect } from 'vitest';
import { kafkajs, kafkaOn } from './support.js';

const it = bindingTest(kafkajs, 2);

async function bareProducer(broker: EmbeddedBroker): Promise<Producer> {
  const producer = kafkaOn(broker).producer({ allowAutoTopicCreation: false, retry: { retries: 3 } });
  await producer.connect();
  return producer;
}

describe('publish', () => {
  it('reports a partition that the client does not know, where bare kafkajs resolves and writes nothing', async ({
    broker,
    client,
    newTopic,
  }) => {
    const topic = newTopic(1);
    const bare = await bareProducer(broker);
    expect(await bare.send({ topic, messages: [{ value: 'x', partition: 3 }] })).toEqual([]);
    await bare.disconnect();

    expect(codes(await client.publish([record(topic, 0, 'a')]))).toEqual([0]);
    expect(codes(await client.publish([record(topic, 3, 'b')]))).toEqual([3]);
  });

  it('knows new partitions at the next call, where bare kafkajs looks after 5 minutes', async ({
    broker,
    client,
    newTopic,
    latest,
  }) => {
    const topic = newTopic(1);
    const bare = await bareProducer(broker);
    await bare.send({ topic, messages: [{ value: 'x', partition: 0 }] });
    expect(codes(await client.publish([record(topic, 1, 'a')]))).toEqual([3]);
    await client.createPartitions(topic, 2);
    expect(await bare.send({ topic, messages: [{ value: 'x', partition: 1 }] })).toEqual([]);
    await bare.disconnect();

    expect(codes(await client.publish([record(topic, 1, 'a')]))).toEqual([0]);
    expect(await latest(topic, 2)).toEqual([1, 1]);
  });

  it('loses nothing when a leader moves, where bare kafkajs loses a record and resolves', async ({
    broker,
    client,
    newTopic,
    latest,
  }) => {
    const topic = newTopic(2);
    const bare = await bareProducer(broker);
    const both = [0, 1].map((partition) => ({ value: 'x', partition }));
    await bare.send({ topic, messages: both });
    broker.setLeader(topic, 1, 1);
    expect((await bare.send({ topic, messages: both })).map(({ partition }) => partition)).toEqual([0]);
    await bare.disconnect();
    expect(await latest(topic, 2)).toEqual([2, 1]);

    broker.setLeader(topic, 1, 2);
    const each = [record(topic, 0, 'a'), record(topic, 1, 'b')];
    await publishEach(client, each);
    broker.setLeader(topic, 1, 1);
    expect((await publishEach(client, each)).map(written)).toEqual([true, false]);
    expect(codes(await client.publish([record(topic, 1, 'b')]))).toEqual([0]);
    expect(await latest(topic, 2)).toEqual([4, 3]);
  });

  it('refuses a null header, where bare kafkajs fails with a TypeError', async ({
    broker,
    client,
    newTopic,
    latest,
  }) => {
    const topic = newTopic(1);
    const bare = await bareProducer(broker);
    // biome-ignore lint/suspicious/noExplicitAny: kafkajs's types forbid the null that its protocol allows
    const messages = [{ value: 'x', partition: 0, headers: { h: null as any } }];
    await expect(bare.send({ topic, messages })).rejects.toThrow(TypeError);
    await bare.disconnect();

    expect(client.capabilities.nullHeaders).toBe(false);
    const unwritable = record(topic, 0, 'b', { headers: [['h', null]] });
    expect(codes(await client.publish([unwritable]))).toEqual([87]);
    // Before anything is sent: the engine finds the one at fault by halves.
    expect(codes(await client.publish([record(topic, 0, 'a'), unwritable]))).toEqual([87, 87]);
    expect(codes(await client.publish([record(topic, 0, 'c')]))).toEqual([0]);
    expect(await latest(topic, 1)).toEqual([1]);
  });

  it('writes to other topics when one was deleted, where a bare producer fails for good', async ({
    broker,
    client,
    newTopic,
  }) => {
    const kafka = kafkaOn(broker);
    const [gone, topic] = [newTopic(1), newTopic(1)];
    await client.publish([record(gone, 0, 'a')]);
    await client.publish([record(topic, 0, 'a')]);
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
    expect(codes(await client.publish([record(topic, 0, 'b')]))).toEqual([0]);
  });
});
