import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import type { AdapterUnderTest } from '../adapter.js';
import { dense } from '../harness/dense.js';
import type { Member } from '../harness/member.js';
import { type MemberConfig, textOf, type World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';
import { smallRequests } from './small-requests.js';

/** A record whose text is large fails once; so do those that say so. */
/** ms, on a busy machine. */
const LIMIT = 120_000;
const PATIENCE = 50_000;

const failing: Pick<MemberConfig, 'handler' | 'retry'> = {
  retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
  handler: (record, { tier }) => {
    if (textOf(record) === 'never') throw new PermanentError('never');
    if (tier === 0 && textOf(record) !== 'good') throw new Error('later');
  },
};

/** A few kilobytes in gzip, and more than velo's own topics take here. */
const HUGE = 'x'.repeat(3_000_000);
/** As large in gzip, nearly: its source takes more than velo's own topics do. */
const DENSE = dense(3_000_000);
const WIDE = { 'max.message.bytes': '10000000' };
const narrow = { topology: { configs: { 'max.message.bytes': '1048588' } } } as const;

const byMode = (['at-least-once', 'transactional'] as const).map((handOff) => ({
  handOff,
  needs: ({ capabilities }: AdapterUnderTest) =>
    handOff === 'at-least-once' || capabilities.transactions === true,
}));

async function expectStopped(world: World, member: Member, topic: string, committed: number): Promise<void> {
  await member.untilTold('stopped');
  expect(member.consumer.health()).toMatchObject({ state: 'dead', error: { code: 'VELO_PUBLISH_REFUSED' } });
  expect(member.told('dead')).toHaveLength(1);
  expect(await world.committed(topic)).toBe(committed);
}

/** Promise 1: a copy that can never be written. On a real Kafka, by what its brokers really refuse. */
export const refusedCopies: ScenarioGroup = {
  name: 'a copy that the brokers refuse',
  scenarios: [
    {
      name: 'larger than the topics take, compressed as well, is skipped where the configuration says so',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(1, WIDE);
        await world.write(topic, DENSE);
        await world.write(topic, 'good');
        const member = await world.joined({ topics: [topic], ...failing, ...narrow, refused: 'skip' });
        await world.untilCommitted(topic, 2);
        // Each as it was, compressed, and without the texts of the error.
        expect(member.told('publishRefused').map((refused) => refused.topic)).toEqual(
          (['retry-200ms', 'dlt'] as const).flatMap((suffix) => Array(3).fill(world.ownTopic(topic, suffix))),
        );
        expect(member.told('publishRefused')[0]?.explanation).toMatch(/too large|size/i);
        expect(member.told('skipped')).toMatchObject([{ reason: 'refused', totalAttempts: 1 }]);
        expect(member.handled).toContain('good');
        expect(member.consumer.health().state).toBe('running');
      },
    },
    ...byMode.map(({ handOff, needs }) => ({
      name: `is none, where a record came compressed and is many times larger than its topic takes: ${handOff}`,
      on: 'kafka' as const,
      needs,
      run: async (world: World) => {
        const topic = await world.topic(1, { 'max.message.bytes': '100000' });
        await world.observer.writeCompressed(topic, HUGE);
        await world.write(topic, 'never');
        const member = await world.joined({ topics: [topic], ...failing, handOff });
        await member.untilHandled(HUGE);
        await member.untilTold('deadLetter');
        await world.untilCommitted(topic, 2);
        expect(member.told('publishRefused')).toEqual([]);
        expect(member.told('handOff')).toHaveLength(1);
      },
    })),
    ...byMode.map(({ handOff, needs }) => ({
      name: `goes compressed, where its topic does not take it as it is: ${handOff}`,
      on: 'kafka' as const,
      limit: LIMIT,
      needs,
      run: async (world: World) => {
        const topic = await world.topic();
        await world.observer.writeCompressed(topic, HUGE);
        await world.write(topic, 'never');
        const member = await world.joined({ topics: [topic], ...failing, ...narrow, handOff });
        // Others beside it compress as much.
        await member.until('it is handled', () => member.handled.includes(HUGE), PATIENCE);
        await member.until('the other is dead', () => member.told('deadLetter').length > 0, PATIENCE);
        await world.untilCommitted(topic, 2);
        expect(member.told('publishRefused')).toHaveLength(1);
        expect(member.told('handOff')).toHaveLength(1);
      },
    })),
    smallRequests,
    {
      name: 'compressed as well stops the consumer before its record by default',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(1, WIDE);
        await world.write(topic, 'good', DENSE);
        const member = world.member({ topics: [topic], ...failing, ...narrow });
        await member.consumer.start().catch(() => {});
        await expectStopped(world, member, topic, 1);
      },
    },
    {
      name: 'as no valid record (a topic of dead letters that is compacted, a record without a key) ends as configured',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const letters = await world.topic(1, { 'cleanup.policy': 'compact' });
        await world.write(topic, { key: 'k', value: 'never' }, { key: null, value: 'never' }, 'good');
        const member = await world.joined({
          topics: [topic],
          ...failing,
          exhausted: { action: 'dead-letter', topic: letters },
          refused: 'skip',
        });
        await world.untilCommitted(topic, 3);
        expect(member.told('deadLetter')).toMatchObject([{ record: { offset: '0' } }]);
        expect(member.told('skipped')).toMatchObject([{ record: { offset: '1' }, reason: 'refused' }]);
        expect((await world.observer.read(letters)).map(({ key }) => key?.toString())).toEqual(['k']);
      },
    },
    {
      name: 'since its topic was deleted and may not be made again: told, waited for, then as configured',
      on: 'kafka',
      run: async (world) => {
        await world.ownObserver();
        for (const refused of ['skip', 'stop'] as const) {
          const [topic, letters] = [await world.topic(), await world.topic()];
          const member = await world.joined({
            topics: [topic],
            ...failing,
            retry: { inPlace: { maxAttempts: 1 } },
            exhausted: { action: 'dead-letter', topic: letters },
            topology: { create: 'never' },
            waitForTopics: '2s',
            refused,
          });
          await world.observer.deleteTopic(letters);
          await world.write(topic, 'good', 'never', 'good');
          await member.untilTold('publishFailed');
          await member.until('health says so', () => member.consumer.health().state === 'retrying');
          await member.untilTold('publishRefused');
          expect(member.told('publishRefused')[0]?.explanation).toContain(letters);
          if (refused === 'stop') await expectStopped(world, member, topic, 1);
          else {
            await world.untilCommitted(topic, 3);
            expect(member.told('skipped')).toMatchObject([{ reason: 'refused' }]);
          }
          await member.consumer.stop();
        }
      },
    },
    {
      name: 'is none, where its topic came back narrower: it goes to the remainder of its partition',
      on: 'kafka',
      run: async (world) => {
        await world.ownObserver();
        const [topic, letters] = [await world.topic(4), await world.topic(4)];
        const member = await world.joined({
          topics: [topic],
          ...failing,
          retry: { inPlace: { maxAttempts: 1 } },
          exhausted: { action: 'dead-letter', topic: letters },
          topology: { create: 'never' },
        });
        await world.observer.deleteTopic(letters);
        await world.write(topic, { value: 'never', partition: 3 });
        await member.untilTold('publishFailed');
        await world.observer.createTopic(letters, 2);
        await member.untilTold('deadLetter');
        expect(await world.observer.read(letters)).toMatchObject([{ text: 'never', partition: 1 }]);
        await world.untilCommitted(topic, 1, 3);
      },
    },
  ],
};
