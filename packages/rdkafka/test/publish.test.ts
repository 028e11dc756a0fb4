import type { ClientBinding, PublishOutcome } from '@velo/retry-core/engine';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import library from 'node-rdkafka';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { called, clientOn, record, Told, unique, until } from './support.js';

let broker: EmbeddedBroker;
let client: ClientBinding;

beforeEach(async () => {
  broker = await startEmbeddedBroker({ brokers: 2 });
  client = clientOn(broker, { 'message.timeout.ms': 3_000 });
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

/** All records of a topic of one partition. */
async function readAll(topic: string, count: number): Promise<Told> {
  const told = new Told();
  await client.join({ groupId: unique('group'), topics: [topic] }, told);
  await until(() => told.all.length === count);
  return told;
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
    expect(await client.publish([])).toEqual([]);
  });

  it('carries keys, tombstones, empty values, timestamps, and headers in their order with repeated names', async () => {
    const topic = newTopic(1);
    const headers = [
      ['a', 'ä'],
      ['b', Buffer.from('text')],
      ['a', ''],
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ] as const;
    await client.publish([
      record(topic, 0, null, { key: Buffer.from([0, 0xff]) }),
      record(topic, 0, '', { key: 'text', timestamp: 1_000, headers }),
    ]);
    const [tombstone, empty] = (await readAll(topic, 2)).all;
    expect(tombstone).toMatchObject({
      topic,
      partition: 0,
      offset: '0',
      key: Buffer.from([0, 0xff]),
      value: null,
    });
    expect([...(tombstone?.headers ?? [])]).toEqual([]);
    expect(empty).toMatchObject({
      offset: '1',
      timestamp: 1_000,
      key: Buffer.from('text'),
      value: Buffer.alloc(0),
    });
    expect([...(empty?.headers ?? [])]).toEqual(headers.map(([name, value]) => [name, Buffer.from(value)]));
    expect(empty?.headers.get('toString')).toBeUndefined();
  });

  it('takes an undefined key or value as null, where bare node-rdkafka throws or never calls back', async () => {
    const topic = newTopic(1);
    // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript passes
    const nothing: any = undefined;
    const outcomes = await client.publish([record(topic, 0, nothing, { key: nothing })]);
    expect(outcomes).toEqual([{ written: true, offset: '0' }]);
    expect((await readAll(topic, 1)).all[0]).toMatchObject({ key: null, value: null });
  });

  it('keeps empty keys and values, of which bare node-rdkafka makes null', async () => {
    const topic = newTopic(1);
    const producer = new library.Producer({ 'bootstrap.servers': broker.bootstrapServers }, {});
    await called((callback) => producer.connect({}, callback));
    producer.produce(topic, 0, Buffer.from(''), Buffer.alloc(0));
    await called((callback) => producer.flush(1_000, callback as never));
    await called((callback) => producer.disconnect(callback));
    await client.publish([record(topic, 0, '', { key: '' }), record(topic, 0, null, { key: null })]);
    const told = await readAll(topic, 3);
    const empty = Buffer.alloc(0);
    expect(told.all.map(({ key, value }) => [key, value])).toEqual([
      [null, null],
      [empty, empty],
      [null, null],
    ]);
  });

  it.each([
    { what: 'a null', value: null, bare: 'null' },
    { what: 'a NUL', value: Buffer.from([0, 0, 0, 5]), bare: '' },
    { what: 'no text', value: Buffer.from([0xff, 0, 0xfe]), bare: '\ufffd' },
  ])(
    'refuses a header that is $what alone, where bare node-rdkafka writes something else',
    async ({ value, bare }) => {
      const topic = newTopic(1);
      const producer = new library.Producer({ 'bootstrap.servers': broker.bootstrapServers }, {});
      await called((callback) => producer.connect({}, callback));
      // biome-ignore lint/suspicious/noExplicitAny: its types forbid a null
      producer.produce(topic, 0, Buffer.from('bare'), null, null, undefined, [{ h: value as any }]);
      await called((callback) => producer.flush(1_000, callback as never));
      await called((callback) => producer.disconnect(callback));

      expect(client.capabilities).toMatchObject({ nullHeaders: false, binaryHeaders: false });
      const outcomes = await client.publish([
        record(topic, 0, 'a'),
        record(topic, 0, 'b', { headers: [['h', value]] }),
        record(topic, 0, 'c'),
      ]);
      expect(codes(outcomes)).toEqual([0, 87, 0]);
      const told = await readAll(topic, 3);
      expect(told.values).toEqual(['bare', 'a', 'c']);
      expect(told.all[0]?.headers.get('h')?.toString()).toBe(bare);
    },
  );

  it('reports a partition that the topic does not have', async () => {
    const topic = newTopic(1);
    const outcomes = await client.publish([record(topic, 0, 'a')]);
    expect(codes(outcomes)).toEqual([0]);
    expect(codes(await client.publish([record(topic, 0, 'a'), record(topic, 3, 'b')]))).toEqual([0, -190]);
  });

  it('knows new partitions at the next call, where bare node-rdkafka looks after 5 minutes', async () => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'a')]);
    await client.createPartitions(topic, 2);
    expect((await client.publish([record(topic, 1, 'a')])).map(written)).toEqual([true]);
    expect(await latest(topic, 2)).toEqual([1, 1]);
  });

  it('refuses records of a missing topic soon, and writes them when it is there', async () => {
    const topic = unique('topic');
    const begin = performance.now();
    expect(codes(await client.publish([record(topic, 0, 'a')]))).toEqual([3]);
    expect(performance.now() - begin).toBeLessThan(4_000);
    broker.createTopic(topic, { partitions: 1 });
    expect(await client.partitionCount(topic)).toBe(1);
    expect(codes(await client.publish([record(topic, 0, 'a')]))).toEqual([0]);
  });

  it('loses nothing when a leader moves', async () => {
    const topic = newTopic(2);
    await client.publish([record(topic, 0, 'a'), record(topic, 1, 'b')]);
    broker.setLeader(topic, 1, 1);
    const moved = await client.publish([record(topic, 0, 'a'), record(topic, 1, 'b')]);
    expect(moved.map(written)).toEqual([true, true]);
    expect(await latest(topic, 2)).toEqual([2, 2]);
  });

  it('waits while the queue of librdkafka is full, where bare node-rdkafka throws', async () => {
    const small = clientOn(broker, { 'queue.buffering.max.messages': 100 });
    const topic = newTopic(1);
    const outcomes = await small.publish(
      Array.from({ length: 2_000 }, (_, i) => record(topic, 0, String(i))),
    );
    expect(outcomes.every(written)).toBe(true);
    expect(outcomes.at(-1)).toEqual({ written: true, offset: '1999' });
    await small.close();
  });

  it.each([
    { code: 10, text: 'MESSAGE_TOO_LARGE' },
    { code: 29, text: 'TOPIC_AUTHORIZATION_FAILED' },
    { code: 17, text: 'INVALID_TOPIC_EXCEPTION' },
  ])('puts code $code ($text) back, which bare node-rdkafka reports as -1', async ({ code }) => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'first')]);
    broker.pushErrors('Produce', [code]);
    expect(codes(await client.publish([record(topic, 0, 'a')]))).toEqual([code]);
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

  it('refuses what is larger than the client allows, alone', async () => {
    const topic = newTopic(1);
    const small = clientOn(broker, { 'message.max.bytes': 2_000 });
    const outcomes = await small.publish(
      ['a', 'x'.repeat(3_000), 'b'].map((value) => record(topic, 0, value)),
    );
    expect(codes(outcomes)).toEqual([0, 10, 0]);
    await small.close();
  });

  it('neither doubles nor reorders when a broker fails for a while', async () => {
    const topic = newTopic(1);
    // One request at a time: what is behind it when the connection is cut, the embedded broker writes and forgets.
    broker.pushErrors('Produce', [-195]);
    expect((await client.publish([record(topic, 0, 'first')])).map(written)).toEqual([true]);
    broker.pushErrors('Produce', [7, 19, 7]);
    const large = 'x'.repeat(400_000);
    const values = [`1${large}`, `2${large}`, `3${large}`, `4${large}`];
    const outcomes = await client.publish(values.map((value) => record(topic, 0, value)));
    expect(outcomes.map((outcome) => outcome.written && outcome.offset)).toEqual(['1', '2', '3', '4']);
    expect((await readAll(topic, 5)).values.map((value) => value?.[0])).toEqual(['f', '1', '2', '3', '4']);
  });

  it('never rejects, and writes again after all brokers were away', async () => {
    const topic = newTopic(2);
    await client.publish([record(topic, 0, 'a')]);
    broker.brokerDown(1);
    broker.brokerDown(2);
    const away = await client.publish([record(topic, 0, 'b'), record(topic, 1, 'b')]);
    expect(codes(away)).toEqual([-192, -192]);
    broker.brokerUp(1);
    broker.brokerUp(2);
    const back = await client.publish([record(topic, 0, 'b'), record(topic, 1, 'b')]);
    expect(back.map(written)).toEqual([true, true]);
  });

  it('goes on with a new producer when one has failed for good, where a bare one refuses everything', async () => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'a')]);
    const outOfOrderSequence = 45;
    broker.pushErrors('Produce', [outOfOrderSequence]);
    await client.publish([record(topic, 0, 'b')]);
    const after = await client.publish([record(topic, 0, 'c')]);
    expect(codes(after)).toEqual([0]);
  });

  it('tells of what is under way when the client is closed', async () => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'a')]);
    broker.brokerDown(1);
    broker.brokerDown(2);
    const publishing = client.publish([record(topic, 0, 'b')]);
    await client.close();
    expect(codes(await publishing)).not.toEqual([0]);
    expect(codes(await client.publish([record(topic, 0, 'c')]))).toEqual(['VELO_CLOSED']);
  });
});
