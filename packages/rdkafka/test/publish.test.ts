import { bindingTest, codes, record, written } from '@velo/testkit/binding';
import library from 'node-rdkafka';
import { describe, expect } from 'vitest';
import { called, clientOn, rdkafka } from './support.js';

const it = bindingTest(rdkafka, 2);

describe('publish', () => {
  it('takes an undefined key or value as null, where bare node-rdkafka throws or never calls back', async ({
    client,
    newTopic,
    readAll,
  }) => {
    const topic = newTopic(1);
    // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript passes
    const nothing: any = undefined;
    const outcomes = await client.publish([record(topic, 0, nothing, { key: nothing })]);
    expect(outcomes).toEqual([{ written: true, offset: '0' }]);
    expect((await readAll(topic, 1)).all[0]).toMatchObject({ key: null, value: null });
  });

  // On Node 20, bare node-rdkafka makes null of both.
  it('tells empty keys and values from null', async ({ client, newTopic, readAll }) => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, '', { key: '' }), record(topic, 0, null, { key: null })]);
    const told = await readAll(topic, 2);
    const empty = Buffer.alloc(0);
    expect(told.all.map(({ key, value }) => [key, value])).toEqual([
      [empty, empty],
      [null, null],
    ]);
  });

  it.for([
    { what: 'a null', value: null, bare: 'null' },
    { what: 'a NUL', value: Buffer.from([0, 0, 0, 5]), bare: '' },
    { what: 'no text', value: Buffer.from([0xff, 0, 0xfe]), bare: '\ufffd' },
  ])(
    'refuses a header that is $what alone, where bare node-rdkafka writes something else',
    async ({ value, bare }, { broker, client, newTopic, readAll }) => {
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

  it('refuses a header’s name that holds a NUL, where bare node-rdkafka writes what stands before it', async ({
    client,
    newTopic,
  }) => {
    const outcomes = await client.publish([record(newTopic(1), 0, 'a', { headers: [['na\0me', 'x']] })]);
    expect(codes(outcomes)).toEqual([87]);
  });

  it('knows new partitions at the next call, where bare node-rdkafka looks after 5 minutes', async ({
    client,
    newTopic,
    latest,
  }) => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'a')]);
    await client.createPartitions(topic, 2);
    expect((await client.publish([record(topic, 1, 'a')])).map(written)).toEqual([true]);
    expect(await latest(topic, 2)).toEqual([1, 1]);
  });

  it('waits while the queue of librdkafka is full, where bare node-rdkafka throws', async ({
    broker,
    newTopic,
  }) => {
    const small = clientOn(broker, { 'queue.buffering.max.messages': 100 });
    const topic = newTopic(1);
    const outcomes = await small.publish(
      Array.from({ length: 2_000 }, (_, i) => record(topic, 0, String(i))),
    );
    expect(outcomes.every(written)).toBe(true);
    expect(outcomes.at(-1)).toEqual({ written: true, offset: '1999' });
    await small.close();
  });

  it.for([
    { code: 10, text: 'MESSAGE_TOO_LARGE' },
    { code: 29, text: 'TOPIC_AUTHORIZATION_FAILED' },
    { code: 17, text: 'INVALID_TOPIC_EXCEPTION' },
  ])(
    'puts code $code ($text) back, which bare node-rdkafka reports as -1',
    async ({ code }, { broker, client, newTopic }) => {
      const topic = newTopic(1);
      await client.publish([record(topic, 0, 'first')]);
      broker.pushErrors('Produce', [code]);
      expect(codes(await client.publish([record(topic, 0, 'a')]))).toEqual([code]);
    },
  );

  it('refuses what is larger than the client allows, alone', async ({ broker, newTopic }) => {
    const topic = newTopic(1);
    const small = clientOn(broker, { 'message.max.bytes': 2_000 });
    const outcomes = await small.publish(
      ['a', 'x'.repeat(3_000), 'b'].map((value) => record(topic, 0, value)),
    );
    expect(codes(outcomes)).toEqual([0, 10, 0]);
    await small.close();
  });

  it('neither doubles nor reorders when a broker fails for a while', async ({
    broker,
    newTopic,
    readAll,
  }) => {
    const topic = newTopic(1);
    // The embedded broker takes what an idempotent producer has sent behind a request that failed; Kafka refuses it.
    const client = clientOn(broker, { 'max.in.flight.requests.per.connection': 1 });
    broker.pushErrors('Produce', [-195]);
    expect((await client.publish([record(topic, 0, 'first')])).map(written)).toEqual([true]);
    broker.pushErrors('Produce', [7, 19, 7]);
    const large = 'x'.repeat(400_000);
    const values = [`1${large}`, `2${large}`, `3${large}`, `4${large}`];
    const outcomes = await client.publish(values.map((value) => record(topic, 0, value)));
    expect(outcomes.map((outcome) => outcome.written && outcome.offset)).toEqual(['1', '2', '3', '4']);
    expect((await readAll(topic, 5)).values.map((value) => value?.[0])).toEqual(['f', '1', '2', '3', '4']);
    await client.close();
  });

  it('goes on with a new producer when one has failed for good, where a bare one refuses everything', async ({
    broker,
    client,
    newTopic,
  }) => {
    const topic = newTopic(1);
    await client.publish([record(topic, 0, 'a')]);
    const outOfOrderSequence = 45;
    broker.pushErrors('Produce', [outOfOrderSequence]);
    await client.publish([record(topic, 0, 'b')]);
    const after = await client.publish([record(topic, 0, 'c')]);
    expect(codes(after)).toEqual([0]);
  });
});
