import type { ClientBinding } from '@velo/retry-core/engine';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKafkaJsClient } from '../src/index.js';
import { kafkaOn, record, unique } from './support.js';

let broker: EmbeddedBroker;
let client: ClientBinding;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  client = openKafkaJsClient(kafkaOn(broker));
});

afterEach(async () => {
  await client.close();
  await broker.stop();
});

const spec = (topic: string, partitions: number) => ({ topic, partitions, replicationFactor: 1 });

describe('topics', () => {
  it('counts 0 partitions of a missing topic, and creates none', async () => {
    const topic = unique('topic');
    expect(await client.partitionCount(topic)).toBe(0);
    expect(await client.partitionCount(topic)).toBe(0);
    broker.createTopic(topic, { partitions: 3 });
    expect(await client.partitionCount(topic)).toBe(3);
  });

  it('throws where a topic is there without a leader', async () => {
    const topic = unique('topic');
    broker.createTopic(topic);
    broker.setTopicError(topic, 5);
    await expect(client.partitionCount(topic)).rejects.toThrow();
  });

  it('creates what is missing; what is there is no error', async () => {
    const [there, missing] = [unique('topic'), unique('topic')];
    broker.createTopic(there, { partitions: 2 });
    await client.createTopics([spec(there, 5), spec(missing, 3)]);
    await client.createTopics([spec(missing, 3)]);
    await client.createTopics([]);
    expect(await client.partitionCount(there)).toBe(2);
    expect(await client.partitionCount(missing)).toBe(3);
  });

  it('creates a topic that it was asked about and that was deleted since, where a bare admin never does', async () => {
    const topic = unique('topic');
    broker.createTopic(topic, { partitions: 1 });
    await client.offsets([{ topic, partition: 0 }]);
    const bare = kafkaOn(broker).admin();
    await bare.connect();
    await bare.fetchTopicOffsets(topic);
    const other = kafkaOn(broker).admin();
    await other.connect();
    await other.deleteTopics({ topics: [topic] });
    await other.disconnect();
    await expect(bare.createTopics({ topics: [{ topic }] })).rejects.toMatchObject({ code: 3 });
    await bare.disconnect();

    await client.createTopics([spec(topic, 2)]);
    expect(await client.partitionCount(topic)).toBe(2);
  });

  it('rejects with the first true cause', async () => {
    const [there, other] = [unique('topic'), unique('topic')];
    broker.createTopic(there);
    await expect(
      client.createTopics([spec(there, 1), { ...spec(other, 1), replicationFactor: 9 }]),
    ).rejects.toMatchObject({
      name: 'KafkaJSCreateTopicError',
      topic: other,
    });
  });

  it('grows a topic; one that is as wide already is no error', async () => {
    const topic = unique('topic');
    broker.createTopic(topic, { partitions: 1 });
    await client.createPartitions(topic, 3);
    await client.createPartitions(topic, 3);
    await client.createPartitions(topic, 2);
    expect(await client.partitionCount(topic)).toBe(3);
  });
});

describe('offsets', () => {
  it('are told in the order asked, across topics', async () => {
    const [one, two] = [unique('topic'), unique('topic')];
    broker.createTopic(one, { partitions: 2 });
    broker.createTopic(two, { partitions: 1 });
    await client.publish([record(one, 1, 'a'), record(two, 0, 'b'), record(two, 0, 'c')]);
    const asked = [
      { topic: two, partition: 0 },
      { topic: one, partition: 1 },
      { topic: one, partition: 0 },
    ];
    expect(await client.offsets(asked)).toEqual([2, 1, 0].map((latest) => ({ earliest: 0, latest })));
    expect(await client.committed(unique('group'), asked)).toEqual(
      asked.map(() => ({ offset: -1, metadata: '' })),
    );
    expect(await client.offsets([])).toEqual([]);
    expect(await client.committed(unique('group'), [])).toEqual([]);
  });

  it('of an unknown partition reject with UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const topic = unique('topic');
    broker.createTopic(topic, { partitions: 1 });
    await expect(client.offsets([{ topic, partition: 4 }])).rejects.toMatchObject({ code: 3 });
  });
});
