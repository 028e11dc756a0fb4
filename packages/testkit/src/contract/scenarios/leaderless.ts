import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { startKafka } from '../../apache-kafka/start-kafka.js';
import { uniqueName } from '../harness/names.js';
import { Observer } from '../harness/observer.js';
import type { ScenarioGroup } from '../scenario.js';

/** Three nodes start, one ends and starts again; ms. */
const LIMIT = 120_000;
/** From the leader's return to the records, ms: the backoff of copies is at most 5 s by then. */
const BACK = 20_000;

/** One partition without a leader is that, and no more. */
export const leaderless: ScenarioGroup = {
  name: 'a partition without a leader',
  scenarios: [
    {
      name: 'of a source, a tier, a dead-letter topic: all others flow, and its records come when its leader is back',
      on: 'kafka',
      limit: LIMIT,
      run: async (world) => {
        await using kafka = await startKafka({
          nodes: 3,
          properties: { 'group.min.session.timeout.ms': 100 },
        });
        const observer = new Observer(kafka.brokers);
        try {
          await observer.connect();
          const topic = uniqueName('topic');
          const [tier, letters] = [world.ownTopic(topic, 'retry-100ms'), world.ownTopic(topic, 'dlt')];
          const [dead, one, two] = await observer.nodesByCoordinator(world.groupId);
          await observer.createTopicOn(topic, [one, dead, two, one]);
          await observer.createTopicOn(tier, [dead, one, two, one]);
          await observer.createTopicOn(letters, [one, two, dead, two]);
          const { bootstrapServers, brokers } = kafka;
          const member = world.member(
            {
              topics: [topic],
              retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
              handler: ({ value }, context) => {
                const text = String(value);
                if (text.startsWith('dead')) throw new PermanentError('never');
                if (text.startsWith('later') && context.tier === 0) throw new Error('later');
              },
            },
            { bootstrapServers, brokers },
          );
          const producer = member.velo.producer();
          const send = (partition: number, ...values: string[]) =>
            producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
          await send(1, 'before');
          await member.consumer.start();
          await member.untilHandled('before');

          await kafka.node(dead).stop();
          const waiting = send(1, 'source');
          await Promise.all([send(0, 'later tier', 'a'), send(2, 'dead letters', 'b'), send(3, 'dead', 'c')]);
          await member.untilHandled('a', 'b', 'c');
          await member.untilTold('deadLetter');
          await member.until('both copies are tried again', () => {
            const topics = member.told('publishFailed').map((failed) => failed.topic);
            return topics.includes(tier) && topics.includes(letters);
          });
          // kafkajs's metadata and the first backoffs have aged.
          await Promise.all([send(0, 'd'), send(2, 'e', 'later'), send(3, 'later too', 'dead too', 'f')]);
          await member.untilHandled('d', 'e', 'f', 'later', 'later too');
          await member.untilTold('deadLetter', 2);
          expect(member.handled).not.toContain('later tier');
          expect(member.consumer.health().state).not.toBe('dead');

          await kafka.node(dead).start();
          await waiting;
          const texts = [
            'a',
            'b',
            'before',
            'c',
            'd',
            'e',
            'f',
            'later',
            'later tier',
            'later too',
            'source',
          ];
          await member.until('all are handled', () => member.handled.length >= texts.length, BACK);
          await member.until('all are dead-lettered', () => member.told('deadLetter').length === 3, BACK);
          expect([...new Set(member.handled)].sort()).toEqual(texts);
          expect(member.told('crashed')).toEqual([]);
          const written = (await observer.read(letters)).map(({ text }) => text);
          expect([...new Set(written)].sort()).toEqual(['dead', 'dead letters', 'dead too']);
        } finally {
          await observer.disconnect();
        }
      },
    },
  ],
};
