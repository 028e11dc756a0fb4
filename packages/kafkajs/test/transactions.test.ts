import {
  type ClientBinding,
  type GroupMember,
  type OutgoingRecord,
  type PartitionOffset,
  type TransactionOutcome,
  transactionalId,
} from '@velo/engine';
import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import { record, sleep, sockets, Told, uniqueName, until } from '@velo/testkit/binding';
import { type Admin, type Consumer, Kafka, logLevel, type Transaction } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openKafkaJsClient } from '../src/index.js';
import { createLedTopics } from './support.js';

/** For a node on a busy machine, and the first download. In ms. */
const START_LIMIT = 180_000;
const MESSAGE_TOO_LARGE = 10;

describe.skipIf(!javaAvailable())('transactions of a member', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;
  let client: ClientBinding;
  let topic: string;
  let letters: string;
  let groupId: string;

  beforeAll(async () => {
    cluster = await startKafka();
    kafka = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
  }, START_LIMIT);

  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.stop();
  });

  beforeEach(async () => {
    client = openKafkaJsClient(kafka);
    [topic, letters, groupId] = [uniqueName('topic'), uniqueName('letters'), uniqueName('group')];
    await createLedTopics(
      admin,
      [topic, letters].map((name) => ({ topic: name, numPartitions: 2 })),
    );
  });

  afterEach(() => client.close());

  async function join(given: object = {}): Promise<GroupMember> {
    const told = new Told();
    const options = { maxWaitTimeInMs: 50, heartbeatInterval: 200, ...given };
    const membership = { groupId, topics: [topic], transactional: true, client: options };
    // The cluster's first member meets coordinators that are not ready yet.
    const member = await client
      .join(membership, told)
      .catch(() => sleep(1_000).then(() => client.join(membership, told)));
    await until(() => told.assignments.length > 0);
    return member;
  }

  const at = (offset: number, partition = 0): PartitionOffset => ({
    topic,
    partition,
    offset,
    metadata: 'm',
  });
  const copy = (value: string, partition = 0): OutgoingRecord => record(letters, partition, value);

  async function hand(
    member: GroupMember,
    offset: PartitionOffset,
    ...copies: OutgoingRecord[]
  ): Promise<TransactionOutcome | undefined> {
    return (await member.transactions?.transact([{ offset, copies }]))?.[0];
  }

  /** What a reader of committed records sees of partition 0, once there are so many, and a little later. */
  async function seen(atLeast: number): Promise<string[]> {
    const values: string[] = [];
    const consumer = kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topic: letters, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        if (partition === 0) values.push(String(message.value));
      },
    });
    await until(() => values.length >= atLeast);
    await sleep(300);
    await consumer.disconnect();
    return values;
  }

  const committed = (partition = 0) => client.committed(groupId, [{ topic, partition }]).then(([one]) => one);

  /** A transaction of a former owner of partition 0, with a copy in it. */
  async function former(value: string): Promise<{ transaction: Transaction; end: () => Promise<void> }> {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      transactionalId: transactionalId(groupId, topic, 0),
      retry: { retries: 3 },
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: letters, messages: [{ value, partition: 0 }] });
    return { transaction, end: () => producer.disconnect() };
  }

  it('write copies and commit the offset with its metadata, one after the other', async () => {
    const member = await join();
    await member.transactions?.fence([{ topic, partition: 0 }]);
    expect(await hand(member, at(3), copy('a'), copy('other', 1), copy('b'))).toEqual({ committed: true });
    expect(await hand(member, at(4), copy('c'))).toEqual({ committed: true });
    expect(await seen(3)).toEqual(['a', 'b', 'c']);
    expect(await committed()).toEqual({ offset: 4, metadata: 'm' });
  });

  it('are none before the partition is fenced', async () => {
    const member = await join();
    expect(await hand(member, at(3), copy('a'))).toMatchObject({ committed: false });
    expect(await committed()).toMatchObject({ offset: -1 });
  });

  it('fence a former owner: what it has open is undone, and it can commit nothing any more', async () => {
    const { transaction, end } = await former('of the former owner');
    await transaction.sendOffsets({
      consumerGroupId: groupId,
      topics: [{ topic, partitions: [{ partition: 0, offset: '9' }] }],
    });
    const member = await join();
    await member.transactions?.fence([{ topic, partition: 0 }]);
    expect(await committed()).toMatchObject({ offset: -1 });
    await expect(transaction.commit()).rejects.toThrow();
    expect(await hand(member, at(1), copy('mine'))).toEqual({ committed: true });
    expect(await seen(1)).toEqual(['mine']);
    expect(await committed()).toMatchObject({ offset: 1 });
    await end();
  });

  it('of a former owner fail once another has fenced the partition, and succeed after a fence of its own', async () => {
    const member = await join();
    await member.transactions?.fence([{ topic, partition: 0 }]);
    const { end } = await former('open');
    const outcome = await hand(member, at(1), copy('a'));
    expect(outcome).toMatchObject({ committed: false });
    await member.transactions?.fence([{ topic, partition: 0 }]);
    expect(await hand(member, at(1), copy('a'))).toEqual({ committed: true });
    expect(await seen(1)).toEqual(['a']);
    await end();
  });

  it('of a member that the group has put out unnoticed are refused, though nobody has fenced its partition', async () => {
    const unaware = { heartbeatInterval: 60_000, sessionTimeout: 120_000, rebalanceTimeout: 500 };
    const member = await join(unaware);
    await member.transactions?.fence([{ topic, partition: 0 }]);
    expect(await hand(member, at(1), copy('a'))).toEqual({ committed: true });
    // The group waits for it as long as it has asked for, then goes on without it. Its only heartbeat follows its first fetch: where
    // that meets the join of the other one, it joins again, and is put out as the other one leaves.
    let other: Consumer;
    for (;;) {
      other = kafka.consumer({ groupId, rebalanceTimeout: 500 });
      await other.connect();
      await other.subscribe({ topic });
      await other.run({ eachMessage: async () => {} });
      const [group] = (await admin.describeGroups([groupId])).groups;
      if (group?.members.length === 1) break;
      await other.disconnect();
    }
    const outcome = await hand(member, at(2), copy('b'));
    expect(outcome).toMatchObject({ committed: false, error: { type: 'UNKNOWN_MEMBER_ID' } });
    expect(await committed()).not.toMatchObject({ offset: 2 });
    expect(await seen(1)).toEqual(['a']);
    await other.disconnect();
  });

  it('lose no record after a rejected send, where bare kafkajs drops the next one', async () => {
    const large = uniqueName('large');
    await createLedTopics(admin, [
      { topic: large, configEntries: [{ name: 'max.message.bytes', value: '200' }] },
    ]);
    const tooLarge = { ...record(large, 0, 'x'.repeat(1_000)) };

    const producer = kafka.producer({ transactionalId: uniqueName('bare'), maxInFlightRequests: 1 });
    await producer.connect();
    const first = await producer.transaction();
    await first.send({ topic: large, messages: [{ value: 'fits', partition: 0 }] });
    await expect(
      first.sendBatch({
        topicMessages: [
          { topic: letters, messages: [{ value: 'undone', partition: 0 }] },
          { topic: large, messages: [{ value: 'x'.repeat(1_000), partition: 0 }] },
        ],
      }),
    ).rejects.toThrow();
    await first.abort();
    const second = await producer.transaction();
    await second.send({ topic: letters, messages: [{ value: 'dropped', partition: 0 }] });
    await second.commit();
    await producer.disconnect();
    expect(await seen(0)).toEqual([]);

    const member = await join();
    await member.transactions?.fence([{ topic, partition: 0 }]);
    expect(await hand(member, at(2), copy('undone'), tooLarge)).toMatchObject({
      committed: false,
      error: { code: MESSAGE_TOO_LARGE },
      suspects: [1],
    });
    await member.transactions?.fence([{ topic, partition: 0 }]);
    expect(await hand(member, at(1), copy('kept'))).toEqual({ committed: true });
    expect(await seen(1)).toEqual(['kept']);
    expect(await committed()).toMatchObject({ offset: 1 });
  });

  it('suspect all copies that the brokers refuse together, and none of another partition', async () => {
    const small = uniqueName('small');
    await createLedTopics(admin, [
      { topic: small, configEntries: [{ name: 'max.message.bytes', value: '200' }] },
    ]);
    const member = await join();
    await member.transactions?.fence([{ topic, partition: 0 }]);
    const outcome = await hand(
      member,
      at(3),
      copy('fine'),
      record(small, 0, 'a'),
      record(small, 0, 'x'.repeat(500)),
    );
    expect(outcome).toMatchObject({ committed: false, suspects: [1, 2] });
  });

  it('suspect the one record that kafkajs itself cannot write', async () => {
    const member = await join();
    await member.transactions?.fence([{ topic, partition: 0 }]);
    const unwritable = record(letters, 0, 'v', { headers: [['name', null]] });
    expect(await hand(member, at(3), copy('fine'), unwritable)).toMatchObject({
      committed: false,
      suspects: [1],
    });
  });

  it('of several partitions succeed and fail each by itself', async () => {
    const member = await join();
    await member.transactions?.fence([
      { topic, partition: 0 },
      { topic, partition: 1 },
    ]);
    const outcomes = await member.transactions?.transact([
      { offset: at(1, 0), copies: [record('missing-topic', 0, 'a')] },
      { offset: at(1, 1), copies: [copy('b', 1)] },
    ]);
    expect(outcomes?.map((outcome) => outcome.committed)).toEqual([false, true]);
    expect(await committed(1)).toMatchObject({ offset: 1 });
  });

  it('leave no socket behind, wherever the member stops', async () => {
    await committed();
    const before = sockets();
    const member = await join();
    await member.transactions?.fence([
      { topic, partition: 0 },
      { topic, partition: 1 },
    ]);
    const under = hand(member, at(1), copy('a'));
    const fencing = member.transactions?.fence([{ topic, partition: 1 }]).catch(() => {});
    await member.stop();
    await Promise.all([under, fencing]);
    expect(await hand(member, at(2), copy('b'))).toMatchObject({ committed: false });
    await until(() => sockets() <= before);
  });
});
