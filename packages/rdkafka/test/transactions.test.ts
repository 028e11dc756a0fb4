import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ClientBinding,
  GroupMember,
  OutgoingRecord,
  PartitionOffset,
  TransactionOutcome,
} from '@velo/engine';
import {
  type EmbeddedBroker,
  javaAvailable,
  type KafkaCluster,
  startEmbeddedBroker,
  startKafka,
} from '@velo/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientOn, record, Told, unique, until } from './support.js';

/** For a node on a busy machine, and the first download. In ms. */
const START_LIMIT = 180_000;
const MESSAGE_TOO_LARGE = 10;
const NOT_COORDINATOR = 16;
/** Nothing is committed. */
const NONE = -1;

describe.skipIf(!javaAvailable())('transactions of a member', () => {
  let cluster: KafkaCluster;
  let client: ClientBinding;
  let topic: string;
  let letters: string;
  let small: string;
  let groupId: string;
  let told: Told;

  beforeAll(async () => {
    cluster = await startKafka();
  }, START_LIMIT);

  afterAll(() => cluster?.stop());

  beforeEach(async () => {
    client = clientOn(cluster);
    told = new Told();
    [topic, letters, small, groupId] = ['topic', 'letters', 'small', 'group'].map(unique) as [
      string,
      string,
      string,
      string,
    ];
    const spec = { partitions: 2, replicationFactor: 1 };
    await client.createTopics([
      { topic, ...spec },
      { topic: letters, ...spec },
      { topic: small, ...spec, configs: { 'max.message.bytes': '300' } },
    ]);
  });

  afterEach(() => client.close());

  async function join(sink = told): Promise<GroupMember> {
    const options = { 'heartbeat.interval.ms': 100 };
    const member = await client.join(
      { groupId, topics: [topic], transactional: true, client: options },
      sink,
    );
    await until(() => sink.assignments.length > 0);
    return member;
  }

  const both = () => [0, 1].map((partition) => ({ topic, partition }));
  const at = (offset: number, partition = 0): PartitionOffset => ({ topic, partition, offset });
  const copy = (value: string, partition = 0): OutgoingRecord => record(letters, partition, value);

  async function hand(
    member: GroupMember,
    offset: PartitionOffset,
    ...copies: OutgoingRecord[]
  ): Promise<TransactionOutcome | undefined> {
    return (await member.transactions?.transact([{ offset, copies }]))?.[0];
  }

  /** What a reader of committed records sees, by value. */
  async function seen(atLeast: number): Promise<(string | undefined)[]> {
    const reader = new Told();
    const member = await client.join({ groupId: unique('reader'), topics: [letters] }, reader);
    await until(() => reader.values.length >= atLeast);
    await member.stop();
    return reader.values.sort();
  }

  const committed = async () => (await client.committed(groupId, both())).map(({ offset }) => offset);

  it('write copies and commit offsets of several partitions at once, one transaction after the other', async () => {
    const member = await join();
    await member.transactions?.fence(both());
    const first = await member.transactions?.transact([
      { offset: at(2), copies: [copy('a'), copy('b', 1)] },
      { offset: at(7, 1), copies: [copy('c', 1)] },
    ]);
    expect(first).toEqual([{ committed: true }, { committed: true }]);
    expect(await hand(member, at(3), copy('d'))).toEqual({ committed: true });
    expect(await seen(4)).toEqual(['a', 'b', 'c', 'd']);
    expect(await committed()).toEqual([3, 7]);
  });

  it('are none before the fence', async () => {
    const member = await join();
    expect(await hand(member, at(3), copy('a'))).toMatchObject({ committed: false });
  });

  it('are undone for all partitions by one refused copy, which alone is suspected, and go on after it', async () => {
    const member = await join();
    await member.transactions?.fence(both());
    const outcomes = await member.transactions?.transact([
      { offset: at(1), copies: [copy('undone')] },
      { offset: at(2, 1), copies: [copy('undone too', 1), record(small, 1, 'x'.repeat(1_000))] },
    ]);
    expect(outcomes).toMatchObject([
      { committed: false },
      { committed: false, error: { code: MESSAGE_TOO_LARGE }, suspects: [1] },
    ]);
    expect(outcomes?.[0]).not.toHaveProperty('suspects');
    expect(await committed()).toEqual([NONE, NONE]);
    await member.transactions?.fence(both());
    expect(await hand(member, at(1), copy('kept'))).toEqual({ committed: true });
    expect(await seen(1)).toEqual(['kept']);
  });

  it('suspect the record that node-rdkafka itself cannot write', async () => {
    const member = await join();
    await member.transactions?.fence(both());
    const unwritable = record(letters, 0, 'v', { headers: [['name', null]] });
    expect(await hand(member, at(3), copy('fine'), unwritable)).toMatchObject({ suspects: [1] });
  });

  it('end before the partitions are let go, and none begins then', async () => {
    const member = await join();
    await member.transactions?.fence(both());
    let outcome: Promise<TransactionOutcome | undefined> = Promise.resolve(undefined);
    told.onRevoking = () => {
      outcome = hand(member, at(5), copy('in time'));
    };
    const other = new Told();
    await join(other);
    expect(await outcome).toEqual({ committed: true });
    expect((await committed())[0]).toBe(5);
  });

  it('end with the member: one that is under way succeeds or is undone, and the process lives on', async () => {
    const member = await join();
    await member.transactions?.fence(both());
    const under = hand(member, at(1), copy('a'));
    await member.stop();
    const outcome = await under;
    expect(await hand(member, at(2), copy('b'))).toMatchObject({ committed: false });
    expect(await committed()).toEqual([outcome?.committed ? 1 : NONE, NONE]);
  });
});

describe('a transaction whose group coordinator cannot be found', () => {
  let broker: EmbeddedBroker;
  let client: ClientBinding;
  let topic: string;
  let member: GroupMember;

  beforeEach(async () => {
    broker = await startEmbeddedBroker();
    client = clientOn(broker);
    topic = unique('topic');
    broker.createTopic(topic, { partitions: 1 });
    const told = new Told();
    member = await client.join({ groupId: unique('group'), topics: [topic], transactional: true }, told);
    await until(() => told.assignments.length > 0);
    await member.transactions?.fence([{ topic, partition: 0 }]);
    // librdkafka neither asks again nor gives up before something happens to one of its connections.
    broker.pushErrors('FindCoordinator', [NOT_COORDINATOR]);
  });

  afterEach(async () => {
    await client.close();
    await broker.stop();
  });

  const hand = () =>
    member.transactions?.transact([
      { offset: { topic, partition: 0, offset: 1 }, copies: [record(topic, 0, 'copy')] },
    ]);

  it('looks for it again', async () => {
    expect(await hand()).toEqual([{ committed: true }]);
  });

  it('lets its member leave', async () => {
    const outcome = hand();
    await sleep(500);
    await member.stop();
    expect(await outcome).toEqual([{ committed: true }]);
  });
});
