import { expect } from 'vitest';
import { NOT_LEADER_OR_FOLLOWER } from '../../support/broker-codes.js';
import { sleep, until } from '../../support/until.js';
import { rejection } from '../harness/rejection.js';
import type { ScenarioGroup } from '../scenario.js';

export const producing: ScenarioGroup = {
  name: 'the producer',
  scenarios: [
    {
      name: 'puts equal keys on the partitions that Java’s clients choose',
      run: async (world) => {
        const [topic, reference] = [await world.topic(7), await world.topic(7)];
        const keys = [
          'a',
          'ab',
          'abc',
          'abcd',
          'müller',
          '',
          '0'.repeat(50),
          ...Array.from({ length: 60 }, (_, i) => `k${i}`),
        ];
        await world.observer.writeByKey(reference, keys);
        const sent = await world
          .velo()
          .producer()
          .send({ topic, messages: keys.map((key) => ({ key, value: key })) });
        const places = (await world.observer.read(topic)).map(({ text, partition }) => [text, partition]);
        const expected = (await world.observer.read(reference)).map(({ text, partition }) => [
          text,
          partition,
        ]);
        // The order across partitions is the reader's; within one it is the order of the sends.
        expect(places).toEqual(expected);
        expect(new Map(sent.map(({ partition }, i) => [keys[i], partition]))).toEqual(
          new Map(expected as [string, number][]),
        );
      },
    },
    {
      name: 'sendBatch: where one topic takes no records for a while, no other gets its own twice',
      run: async (world) => {
        const [open, blocked] = [await world.topic(2), await world.topic()];
        const velo = world.velo();
        const producer = velo.producer();
        const batch = (topic: string, partitions: number[], ...values: string[]) => ({
          topic,
          messages: partitions.flatMap((partition) => values.map((value) => ({ value, partition }))),
        });
        await producer.send(batch(blocked, [0], 'first'));
        const unblock = await world.cluster.blockWrites(blocked);
        if (world.cluster.kind === 'embedded') {
          // Those of one request each: of the three that go out at once some are refused, some written.
          await unblock();
          world.cluster.embedded.pushErrors('Produce', [NOT_LEADER_OR_FOLLOWER, NOT_LEADER_OR_FOLLOWER]);
        }
        const sending = producer.sendBatch({
          topicMessages: [batch(open, [0, 1], 'a', 'b'), batch(blocked, [0], 'a', 'b')],
        });
        let settled = false;
        const settle = () => {
          settled = true;
        };
        sending.then(settle, settle);
        await until('a send has failed, or the client has mended it by itself', () => {
          const { attemptsTotal, successesTotal } = velo.metrics.snapshot();
          return attemptsTotal > successesTotal || settled;
        });
        if (world.cluster.kind === 'kafka') await unblock();
        await sending;
        const texts = async (topic: string) =>
          (await world.observer.read(topic)).map(({ partition, text }) => `${partition}${text}`);
        expect(await texts(open)).toEqual(['0a', '0b', '1a', '1b']);
        expect((await texts(blocked)).filter((text) => text !== '0first')).toEqual(['0a', '0b']);
      },
    },
    {
      name: 'sendBatch: where one topic refuses for good, it rejects and the others have theirs once',
      on: 'kafka',
      run: async (world) => {
        const [open, narrow] = [await world.topic(), await world.topic(1, { 'max.message.bytes': '200' })];
        const producer = world.velo().producer();
        const sending = producer.sendBatch({
          topicMessages: [
            { topic: narrow, messages: [{ value: 'x'.repeat(1_000) }] },
            { topic: open, messages: [{ value: 'a' }, { value: 'b' }] },
          ],
        });
        expect(await rejection(sending)).toBeInstanceOf(Error);
        expect((await world.observer.read(open)).map(({ text }) => text)).toEqual(['a', 'b']);
        expect(await world.observer.read(narrow)).toEqual([]);
      },
    },
    {
      name: 'refuses no good record for its neighbour’s sake, and keeps the order of the others',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(1, { 'max.message.bytes': '400' });
        const producer = world.velo().producer();
        const values = ['a', 'b', 'x'.repeat(1_000), 'c', 'd'];
        await rejection(producer.send({ topic, messages: values.map((value) => ({ value })) }));
        expect((await world.observer.read(topic)).map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
      },
    },
    {
      name: 'writes to a partition that its topic got after its first send',
      run: async (world) => {
        const topic = await world.topic();
        const producer = world.velo().producer();
        await producer.send({ topic, messages: [{ value: 'a' }] });
        await world.observer.growTopic(topic, 3);
        await producer.send({ topic, messages: [{ value: 'b', partition: 2 }] });
        expect((await world.observer.read(topic)).map(({ partition, text }) => [partition, text])).toEqual([
          [0, 'a'],
          [2, 'b'],
        ]);
      },
    },
    {
      name: 'says where each message went, in their order',
      run: async (world) => {
        const topic = await world.topic(3);
        const messages = [2, 0, 2, 1, 0].map((partition, i) => ({ value: String(i), partition }));
        const sent = await world.velo().producer().send({ topic, messages });
        expect(sent.map(({ partition }) => partition)).toEqual([2, 0, 2, 1, 0]);
        const records = await world.observer.read(topic);
        sent.forEach(({ partition, offset }, i) => {
          if (offset === undefined) return;
          const written = records.find((one) => one.partition === partition && String(one.offset) === offset);
          expect(written?.text).toBe(String(i));
        });
      },
    },
    {
      name: 'waits for a topic that does not exist yet, and is bounded by its timeout where it never will',
      run: async (world) => {
        await world.ownObserver();
        const topic = await world.topic();
        await world.observer.deleteTopic(topic);
        const producer = world.velo().producer({ timeout: 600 });
        expect(await rejection(producer.send({ topic, messages: [{ value: 'a' }] }))).toMatchObject({
          code: 'VELO_TIMEOUT',
        });
        const patient = world.velo().producer();
        const sending = patient.send({ topic, messages: [{ value: 'b' }] });
        await sleep(200);
        await world.observer.createTopic(topic, 1);
        await sending;
        expect((await world.observer.read(topic)).map(({ text }) => text)).toEqual(['b']);
      },
    },
  ],
};
