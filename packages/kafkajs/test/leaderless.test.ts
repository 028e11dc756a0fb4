import { classifyKafkaError } from '@velo/retry-core';
import { bindingTest, record, until } from '@velo/testkit/binding';
import { describe, expect } from 'vitest';
import { brokerCode } from '../src/errors.js';
import { tolerateLeaderless } from '../src/quirks/leaderless.js';
import type { AnswerReader } from '../src/quirks/private-cluster.js';
import { kafkajs, kafkaOn, readerOf, requireBare } from './support.js';

const it = bindingTest(kafkajs, 2);

const LEADER_NOT_AVAILABLE = 5;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

describe('one partition without a leader', () => {
  it('takes all metadata from a bare kafkajs, and only its own from velo', async () => {
    const partition = (partitionId: number, leader: number) => ({
      partitionErrorCode: leader < 0 ? LEADER_NOT_AVAILABLE : 0,
      partitionId,
      leader,
    });
    const topic = (topicErrorCode: number) => ({
      topicErrorCode,
      topic: 't',
      partitionMetadata: [partition(0, 1), partition(1, -1)],
    });
    const metadata = { brokers: [], topicMetadata: [topic(0)] };
    const kafkajs: AnswerReader<typeof metadata> = requireBare(
      'kafkajs/src/protocol/requests/metadata/v6/response',
    );
    await expect(kafkajs.parse(metadata)).rejects.toMatchObject({ code: LEADER_NOT_AVAILABLE });

    const { parse } = await readerOf(tolerateLeaderless, 'Metadata', kafkajs);
    const { topicMetadata } = await parse(metadata);
    expect(topicMetadata[0]?.partitionMetadata.map(({ leader }) => leader)).toEqual([1, -1]);
    const missing = { brokers: [], topicMetadata: [topic(UNKNOWN_TOPIC_OR_PARTITION)] };
    await expect(parse(missing)).rejects.toMatchObject({ code: UNKNOWN_TOPIC_OR_PARTITION });
  });

  it('refuses a record soon, by a producer that stays connected', async ({ broker, client, newTopic }) => {
    const topic = newTopic(2);
    await client.publish([record(topic, 0, 'a')]);
    broker.setLeader(topic, 1, -1);
    // By another topic, so that the producer asks for its leaders.
    await client.publish([record(newTopic(1), 0, 'a')]);
    broker.clearRequests();
    const begin = performance.now();
    for (let i = 0; i < 3; i++) {
      const [outcome] = await client.publish([record(topic, 1, 'a')]);
      const error = outcome?.written ? undefined : outcome?.error;
      expect(brokerCode(error)).toBe(LEADER_NOT_AVAILABLE);
      expect(classifyKafkaError(error).retry).toBe(true);
    }
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(broker.requests().filter(({ request }) => request === 'ApiVersions')).toHaveLength(0);
  });
});

describe('a leader that moves', () => {
  it('leads to no rebalance, where a bare consumer joins its group again', async ({
    broker,
    client,
    join,
    told,
    topic,
    write,
  }) => {
    const bare = kafkaOn(broker).consumer({ ...kafkajs.quick, groupId: `${topic}-bare` });
    let joins = 0;
    bare.on(bare.events.GROUP_JOIN, () => void joins++);
    await bare.connect();
    await bare.subscribe({ topics: [topic] });
    await bare.run({ eachMessage: async () => {} });
    await join();
    await write(0, 'a');
    await write(1, 'b');
    await until(() => told.all.length === 2);
    broker.setLeader(topic, 0, 2);
    await client.publish([record(topic, 0, 'c')]);
    await write(0, 'c');
    await write(1, 'd');
    await until(() => told.values.includes('c') && told.values.includes('d'));
    await until(() => joins > 1);
    expect(told.assignments).toHaveLength(1);
    await bare.disconnect();
  });
});
