import type { ConsumerRequirements, RequiredAcl } from '@velo/engine';
import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { until } from '../../support/until.js';
import { GUEST } from '../harness/contract-cluster.js';
import { guest, guestsRequirements } from '../harness/guest.js';
import { rejection } from '../harness/rejection.js';
import { type MemberConfig, textOf, type World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';
import { byHandOff } from './by-hand-off.js';

const failing = (topic: string): MemberConfig => ({
  topics: [topic],
  retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
  topology: { create: 'never' },
  handler: (record) => {
    if (textOf(record) === 'later') throw new Error('later');
    if (textOf(record) === 'never') throw new PermanentError('never');
  },
});

/** Makes exactly that. */
async function fulfil(world: World, { topics, acls }: ConsumerRequirements): Promise<void> {
  for (const { topic, partitions = 0, configs } of topics)
    await world.observer.createTopic(topic, partitions, configs);
  await world.observer.grant(GUEST.username, acls);
}

const right = (name: string, operation: RequiredAcl['operations'][number]): RequiredAcl => ({
  resource: 'topic',
  name,
  pattern: 'literal',
  operations: [operation],
});

/** Promise 6, where an administrator makes the topics. */
export const requirements: ScenarioGroup = {
  name: 'what a consumer requires',
  scenarios: [
    {
      name: 'is told when it starts without: all topics and ACLs, as commands',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(3);
        const member = world.member(failing(topic));
        const { text } = await member.consumer.requirements();
        const error = await rejection(member.consumer.start());
        expect(error).toMatchObject({ code: 'VELO_TOPOLOGY' });
        expect(error.message).toContain(text);
        for (const suffix of ['retry-200ms', 'dlt'] as const) {
          expect(text).toContain(
            `--create --if-not-exists --topic ${world.ownTopic(topic, suffix)} --partitions 3`,
          );
          expect(await world.observer.exists(world.ownTopic(topic, suffix))).toBe(false);
        }
      },
    },
    {
      name: 'is enough: with exactly that, records go through the tier to the dead letters',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(2);
        const config = failing(topic);
        await fulfil(world, await guestsRequirements(world, config));
        await world.write(topic, ...['later', 'never', 'good'].map((value) => ({ value, partition: 1 })));
        const member = guest(world, config);
        await member.consumer.start();
        await world.untilCommitted(topic, 3, 1);
        await world.untilCommitted(world.ownTopic(topic, 'retry-200ms'), 1, 1);
        const letters = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(letters.map(({ text, partition }) => [text, partition])).toEqual([
          ['never', 1],
          ['later', 1],
        ]);
        expect(member.eventTypes).not.toContain('publishFailed');
        expect(member.eventTypes).not.toContain('commitFailed');
      },
    },
    {
      name: 'is enough to hand off in transactions',
      everyVersion: true,
      on: 'kafka',
      needs: ({ capabilities: { transactions = false } }) => transactions,
      run: async (world) => {
        const topic = await world.topic();
        const config: MemberConfig = { ...failing(topic), handOff: 'transactional' };
        await fulfil(world, await guestsRequirements(world, config));
        await world.write(topic, 'later', 'never', 'good');
        const member = guest(world, config);
        await member.consumer.start();
        await world.untilCommitted(topic, 3);
        await member.untilTold('deadLetter', 2);
        const letters = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(letters.map(({ text }) => text).sort()).toEqual(['later', 'never']);
      },
    },
    {
      name: 'is enough to make the topics after their source, and to let them grow with it',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(1, { 'max.message.bytes': '2000000' });
        const config: MemberConfig = { ...failing(topic), topology: { create: 'if-missing' } };
        const { acls, topics } = await guestsRequirements(world, config);
        await world.observer.grant(GUEST.username, acls);
        const member = guest(world, config);
        await member.consumer.start();
        for (const { topic: own, configs } of topics) {
          expect(await world.observer.partitions(own)).toBe(1);
          expect(await world.observer.configs(own)).toMatchObject(configs);
        }
        await world.observer.growTopic(topic, 2);
        await world.write(topic, { value: 'never', partition: 1 });
        await world.untilCommitted(topic, 1, 1);
        for (const { topic: own } of topics) expect(await world.observer.partitions(own)).toBe(2);
        expect(await world.observer.read(world.ownTopic(topic, 'dlt'))).toMatchObject([{ partition: 1 }]);
      },
    },
    ...byHandOff((handOff) => ({
      name: 'is not more than needed: without the right to write dead letters it stops before the record, and says so',
      run: async (world) => {
        const topic = await world.topic();
        const config: MemberConfig = { ...failing(topic), handOff };
        const letters = world.ownTopic(topic, 'dlt');
        await fulfil(world, await guestsRequirements(world, config));
        await world.observer.revoke(GUEST.username, right(letters, 'Write'));
        // Else the topic could not even be seen.
        await world.observer.grant(GUEST.username, [right(letters, 'Describe')]);
        const member = guest(world, config);
        await member.consumer.start();
        await world.write(topic, 'good', 'never', 'good');
        await member.untilTold('stopped');
        expect(member.consumer.health()).toMatchObject({
          state: 'dead',
          error: { code: 'VELO_PUBLISH_REFUSED' },
        });
        expect(member.told('publishRefused')[0]?.explanation).toMatch(new RegExp(`kafka-acls.*${letters}`));
        expect(await world.committed(topic)).toBe(1);
      },
    })),
    ...byHandOff((handOff) => ({
      name: 'is not more than needed: without the right to write to its tier a record goes to the dead letters',
      run: async (world) => {
        const topic = await world.topic(2);
        let both = () => {};
        const begun = new Set<string>();
        const together = new Promise<void>((resolve) => {
          both = resolve;
        });
        const { handler, ...rest } = failing(topic);
        const config: MemberConfig = {
          ...rest,
          handOff,
          // So that both copies go in one transaction, where the client has one for all partitions.
          handler: async (record, context) => {
            if (textOf(record) !== 'good' && begun.add(String(textOf(record))).size === 2) both();
            if (textOf(record) !== 'good') await together;
            return handler?.(record, context);
          },
        };
        const tier = world.ownTopic(topic, 'retry-200ms');
        await fulfil(world, await guestsRequirements(world, config));
        await world.observer.revoke(GUEST.username, right(tier, 'Write'));
        await world.observer.grant(GUEST.username, [right(tier, 'Describe')]);
        const member = guest(world, config);
        await member.consumer.start();
        await world.write(topic, ...['later', 'good'].map((value) => ({ value, partition: 0 })));
        await world.write(topic, ...['never', 'good'].map((value) => ({ value, partition: 1 })));
        for (const partition of [0, 1]) await world.untilCommitted(topic, 2, partition);
        expect(member.told('publishRefused')).toMatchObject([{ topic: tier }]);
        const letters = member.told('deadLetter').map(({ record, reason }) => [textOf(record), reason]);
        expect(letters.sort()).toEqual([
          ['later', 'refused'],
          ['never', 'permanent'],
        ]);
      },
    })),
    {
      name: 'is not more than needed: without the right to read source or tier it does not start, and names the topic',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const config = failing(topic);
        const tier = world.ownTopic(topic, 'retry-200ms');
        await fulfil(world, await guestsRequirements(world, config));
        for (const name of [topic, tier]) {
          await world.observer.revoke(GUEST.username, right(name, 'Read'));
          const member = guest(world, config);
          const error = await rejection(member.consumer.start());
          expect(String(error)).toMatch(/authoriz|permission/i);
          expect(String(error)).toContain(name);
          expect(member.consumer.health().state).toBe('dead');
          await world.observer.grant(GUEST.username, [right(name, 'Read')]);
        }
        const member = guest(world, config);
        await member.consumer.start();
        await until('it runs', () => member.consumer.health().state === 'running');
      },
    },
  ],
};
