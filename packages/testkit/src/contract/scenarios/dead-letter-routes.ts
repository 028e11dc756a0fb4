import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { uniqueName } from '../../support/names.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const down = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Promise 1: where dead letters go. */
export const deadLetterRoutes: ScenarioGroup = {
  name: 'a dead letter',
  scenarios: [
    {
      name: 'goes by a map: to topics that were made at the start, or it is skipped; the rest to the default topic',
      run: async (world) => {
        const topic = await world.topic(2);
        const outages = uniqueName('outages');
        await world.write(
          topic,
          ...['down', 'broken', 'odd', 'good'].map((value) => ({ value, partition: 1 })),
        );
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 } },
          exhausted: { action: 'dead-letter', route: { NetworkIssue: outages, permanent: 'skip' } },
          handler: (record) => {
            if (textOf(record) === 'down') throw down();
            if (textOf(record) === 'broken') throw new PermanentError('never');
            if (textOf(record) === 'odd') throw new Error('odd');
          },
        });
        expect(await world.observer.partitions(outages)).toBe(2);
        await world.untilCommitted(topic, 4, 1);
        expect(await world.observer.read(outages)).toMatchObject([
          { text: 'down', partition: 1, headers: { 'velo-reason': 'exhausted' } },
        ]);
        expect(member.told('skipped')).toMatchObject([{ reason: 'permanent' }]);
        const rest = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(rest.map(({ text }) => text)).toEqual(['odd']);
      },
    },
    {
      name: 'goes by a function: to a topic that is made at its first use; what makes no sense, to the default topic',
      everyVersion: true,
      run: async (world) => {
        const topic = await world.topic();
        const broken = uniqueName('broken');
        await world.write(topic, 'permanent', 'exhausted', 'good');
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 } },
          exhausted: {
            action: 'dead-letter',
            route: ({ reason }) => {
              if (reason === 'permanent') return broken;
              throw new Error('no idea');
            },
          },
          handler: (record) => {
            if (textOf(record) === 'permanent') throw new PermanentError('never');
            if (textOf(record) === 'exhausted') throw new Error('odd');
          },
        });
        await world.untilCommitted(topic, 3);
        expect(await world.observer.read(broken)).toMatchObject([
          { text: 'permanent', headers: { 'velo-reason': 'permanent' } },
        ]);
        expect(await world.observer.read(world.ownTopic(topic, 'dlt'))).toMatchObject([
          { text: 'exhausted', headers: { 'velo-reason': 'exhausted' } },
        ]);
        expect(member.told('misrouted')).toHaveLength(1);
      },
    },
    {
      name: 'whose topic is missing and may not be made goes to the default topic, and nothing waits for it',
      on: 'kafka',
      run: async (world) => {
        const [topic, letters, missing] = [await world.topic(), await world.topic(), uniqueName('missing')];
        await world.write(topic, 'bad', 'good');
        const member = await world.joined({
          topics: [topic],
          exhausted: { action: 'dead-letter', topic: letters, route: () => missing },
          topology: { create: 'never' },
          handler: (record) => {
            if (textOf(record) === 'bad') throw new PermanentError('never');
          },
        });
        await world.untilCommitted(topic, 2);
        expect(member.told('publishRefused')).toMatchObject([{ topic: missing }]);
        expect((await world.observer.read(letters)).map(({ text }) => text)).toEqual(['bad']);
        expect(await world.observer.exists(missing)).toBe(false);
      },
    },
  ],
};
