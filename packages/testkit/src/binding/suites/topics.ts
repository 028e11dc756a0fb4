import { describe, expect } from 'vitest';
import {
  INVALID_REPLICATION_FACTOR,
  LEADER_NOT_AVAILABLE,
  NOT_LEADER_OR_FOLLOWER,
  UNKNOWN_TOPIC_OR_PARTITION,
} from '../../support/broker-codes.js';
import { uniqueName } from '../../support/names.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { brokerCode } from '../broker-code.js';
import { codes } from '../outcomes.js';
import { publishEach } from '../publish-each.js';
import { record } from '../record.js';

const spec = (topic: string, partitions: number) => ({ topic, partitions, replicationFactor: 1 });

export function topics(binding: BindingUnderTest): void {
  const it = bindingTest(binding);

  describe('topics', () => {
    it('are counted 0 partitions where they are missing, and are not created', async ({ broker, client }) => {
      const topic = uniqueName('topic');
      expect(await client.partitionCount(topic)).toBe(0);
      expect(await client.partitionCount(topic)).toBe(0);
      broker.createTopic(topic, { partitions: 3 });
      expect(await client.partitionCount(topic)).toBe(3);
      expect(await Promise.all(client.offsets([{ topic, partition: 2 }]))).toEqual([
        { earliest: 0, latest: 0 },
      ]);
    });

    it('are listed by their names', async ({ client, newTopic }) => {
      const names = [newTopic(1), newTopic(2)];
      expect(await client.listTopics()).toEqual(expect.arrayContaining(names));
    });

    it('have ids, which are told of those that exist; asking creates none', async ({ client, newTopic }) => {
      const [one, other, missing] = [newTopic(1), newTopic(2), uniqueName('topic')];
      const ids = await client.topicIds?.([one, missing, other]);
      expect(new Set(ids?.keys())).toEqual(new Set([one, other]));
      expect(ids?.get(one)).toMatch(/^[\w-]{22}$/);
      expect(ids?.get(one)).not.toBe(ids?.get(other));
      expect(await client.topicIds?.([other, one])).toEqual(ids);
      expect(await client.partitionCount(missing)).toBe(0);
    });

    it('are not counted where they are there without a leader', async ({ broker, client, topic }) => {
      broker.setTopicError(topic, LEADER_NOT_AVAILABLE);
      await expect(client.partitionCount(topic)).rejects.toThrow();
    });

    it('are created where they are missing; what is there is no error', async ({ client, topic }) => {
      const missing = uniqueName('topic');
      await client.createTopics([spec(topic, 5), spec(missing, 3)]);
      await client.createTopics([spec(missing, 3)]);
      await client.createTopics([]);
      expect(await client.partitionCount(topic)).toBe(2);
      expect(await client.partitionCount(missing)).toBe(3);
    });

    it('that cannot be created reject with the cause, not with what is there already', async ({
      client,
      topic,
    }) => {
      const wanted = [spec(topic, 1), { ...spec(uniqueName('topic'), 1), replicationFactor: 9 }];
      await expect(client.createTopics(wanted)).rejects.toMatchObject({ code: INVALID_REPLICATION_FACTOR });
    });

    it('grow; one that is as wide already is no error', async ({ client, newTopic }) => {
      const topic = newTopic(1);
      await client.createPartitions(topic, 3);
      await client.createPartitions(topic, 3);
      await client.createPartitions(topic, 2);
      expect(await client.partitionCount(topic)).toBe(3);
    });
  });

  it('the functions of a client need no `this`: a wrapper spreads them', async ({ client, topic }) => {
    const { partitionCount } = { ...client };
    expect(await partitionCount(topic)).toBe(2);
  });

  describe('offsets', () => {
    it('are told in the order asked, across topics', async ({ client, newTopic }) => {
      const [one, two] = [newTopic(2), newTopic(1)];
      await publishEach(client, [record(one, 1, 'a'), record(two, 0, 'b'), record(two, 0, 'c')]);
      const asked = [
        { topic: two, partition: 0 },
        { topic: one, partition: 1 },
        { topic: one, partition: 0 },
      ];
      const group = uniqueName('group');
      expect(await Promise.all(client.offsets(asked))).toEqual(
        [2, 1, 0].map((latest) => ({ earliest: 0, latest })),
      );
      expect(await client.committed(group, asked)).toEqual(asked.map(() => ({ offset: -1, metadata: '' })));
      expect(await Promise.all(client.offsets([]))).toEqual([]);
      expect(await client.committed(group, [])).toEqual([]);
    });

    it('are never of one answer alone, where a leader that changes refuses to tell where the log begins, or ends', async ({
      broker,
      client,
      topic,
      write,
    }) => {
      await write(0, 'a', 'b', 'c');
      const ask = () => Promise.allSettled(client.offsets([{ topic, partition: 0 }]));
      const right = { status: 'fulfilled', value: { earliest: 0, latest: 3 } };
      expect(await ask()).toEqual([right]);
      // Both answers come at once.
      broker.setRoundTripTime(1, 20);
      for (const errors of [[NOT_LEADER_OR_FOLLOWER], [0, NOT_LEADER_OR_FOLLOWER]])
        for (let round = 0; round < 10; round++) {
          broker.pushErrors('ListOffsets', errors);
          const [told] = await ask();
          if (told?.status === 'fulfilled') expect(told).toEqual(right);
          broker.clearErrors('ListOffsets');
        }
      expect(await ask()).toEqual([right]);
    });

    it('of what does not exist reject with UNKNOWN_TOPIC_OR_PARTITION', async ({ client, newTopic }) => {
      const partition = { topic: newTopic(1), partition: 4 };
      const topic = { topic: uniqueName('topic'), partition: 0 };
      const unknown = UNKNOWN_TOPIC_OR_PARTITION;
      expect(await Promise.all(client.offsets([partition])).catch(brokerCode)).toBe(unknown);
      expect(await Promise.all(client.offsets([topic])).catch(brokerCode)).toBe(unknown);
      expect(await client.committed(uniqueName('group'), [partition]).catch(brokerCode)).toBe(unknown);
    });
  });

  it('a client fails with VELO_CLOSED after close', async ({ client }) => {
    await client.close();
    await client.close();
    const closed = { code: 'VELO_CLOSED' };
    await expect(client.partitionCount('any')).rejects.toMatchObject(closed);
    await expect(client.committed('any', [{ topic: 'any', partition: 0 }])).rejects.toMatchObject(closed);
    expect(codes(await client.publish([record('any', 0, 'a')]))).toEqual(['VELO_CLOSED']);
  });
}
