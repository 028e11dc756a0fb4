import { bindingTest, uniqueName } from '@velo/testkit/binding';
import { describe, expect } from 'vitest';
import { kafkajs, kafkaOn } from './support.js';

const it = bindingTest(kafkajs);

const spec = (topic: string, partitions: number) => ({ topic, partitions, replicationFactor: 1 });

describe('createTopics', () => {
  it('creates a topic that it was asked about and that was deleted since, where a bare admin never does', async ({
    broker,
    client,
    newTopic,
  }) => {
    const topic = newTopic(1);
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

  it('rejects with the first true cause of those that kafkajs collects', async ({ client, topic }) => {
    const other = uniqueName('topic');
    await expect(
      client.createTopics([spec(topic, 1), { ...spec(other, 1), replicationFactor: 9 }]),
    ).rejects.toMatchObject({ name: 'KafkaJSCreateTopicError', topic: other });
  });
});
