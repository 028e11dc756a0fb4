import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { startKafka } from '../../apache-kafka/start-kafka.js';
import { uniqueName } from '../../support/names.js';
import { Observer } from '../harness/observer.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

/** Three nodes start, one ends and starts again; ms. */
const LIMIT = 180_000;
/** ms. A member has one transaction at a time, and one that fails takes 5 s: some may come first. */
const TURNS = 40_000;
/** From the leader's return to the records, ms: the backoff of copies is at most 5 s by then. */
const BACK = 20_000;

/** ms. A start waits 5 s for positions that are missing. */
const START_LIMIT = 20_000;

/**
 * In transactions a copy holds the lane of its record until it is written: of the partitions whose copies cannot be, what
 * comes later waits. All others flow.
 */
function inARealCluster(handOff: 'at-least-once' | 'transactional'): Scenario {
  const transactional = handOff === 'transactional';
  /** What is handled while the leader is away, of a partition with such a copy. */
  const behind = (...values: string[]) => (transactional ? [] : values);
  return {
    name: `of a source, a tier, a dead-letter topic: all others flow, and its records come when its leader is back, ${handOff}`,
    on: 'kafka',
    // Where each partition has transactions of its own, one that cannot end is no affair of the others.
    needs: ({ capabilities }) => !transactional || capabilities.transactsByMember === true,
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
            handOff,
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
        const flows = (letters: number, ...values: string[]) =>
          member.until(
            `${letters} dead letters, and handled: ${values}`,
            () =>
              member.told('deadLetter').length >= letters &&
              values.every((value) => member.handled.includes(value)),
            transactional ? TURNS : undefined,
          );
        await send(1, 'before');
        await member.consumer.start();
        await member.untilHandled('before');

        await kafka.node(dead).stop();
        const waiting = send(1, 'source');
        await Promise.all([send(0, 'later tier', 'a'), send(2, 'dead letters', 'b'), send(3, 'dead', 'c')]);
        await flows(1, 'c', ...behind('a', 'b'));
        await member.until(
          'both copies are tried again',
          () => {
            const topics = member.told('publishFailed').map((failed) => failed.topic);
            return topics.includes(tier) && topics.includes(letters);
          },
          TURNS,
        );
        // kafkajs's metadata and the first backoffs have aged.
        await Promise.all([send(0, 'd'), send(2, 'e', 'later'), send(3, 'later too', 'dead too', 'f')]);
        await flows(2, 'f', 'later too', ...behind('d', 'e', 'later'));
        expect(member.handled).not.toContain('later tier');
        expect(member.consumer.health().state).not.toBe('dead');

        await kafka.node(dead).start();
        await waiting;
        const texts = ['a', 'b', 'before', 'c', 'd', 'e', 'f', 'later', 'later tier', 'later too', 'source'];
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
  };
}

/** One partition without a leader is that, and no more. */
export const leaderless: ScenarioGroup = {
  name: 'a partition without a leader',
  scenarios: [
    {
      name: 'keeps no member from starting, and no other partition from going on after a rebalance',
      on: 'embedded',
      several: true,
      limit: START_LIMIT + 2 * BACK,
      run: async (world) => {
        const { embedded } = world.cluster;
        const topic = await world.topic(3);
        const write = (partition: number, value: string) => world.write(topic, { value, partition });
        await Promise.all([write(0, 'a0'), write(1, 'a1'), write(2, 'a2')]);
        embedded.setLeader(topic, 1, -1);
        const [member, second] = [world.member({ topics: [topic] }), world.member({ topics: [topic] })];
        const health = () => member.consumer.health().state;
        const starting = member.consumer.start();
        await member.untilHandled('a0', 'a2');
        await starting;
        expect(health()).toBe('retrying');
        const failed = member.told('positionFailed').flatMap(({ partitions }) => partitions);
        expect(failed).toContainEqual({ topic, partition: 1 });

        await second.consumer.start();
        await Promise.all([write(0, 'b0'), write(2, 'b2')]);
        const handled = () => [...member.handled, ...second.handled].sort();
        await member.until('the others go on', () => handled().length === 4, START_LIMIT);

        embedded.setLeader(topic, 1, 1);
        await write(1, 'b1');
        await member.until('its records come', () => handled().length === 6, BACK);
        expect(handled()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
        await member.until('all is well', () => health() === 'running', BACK);
        expect(second.consumer.health().state).toBe('running');
      },
    },
    inARealCluster('at-least-once'),
    inARealCluster('transactional'),
  ],
};
