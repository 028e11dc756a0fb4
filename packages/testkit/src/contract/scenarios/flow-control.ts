import { fixed } from '@velo/retry-core';
import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

/** Promise 13. */
export const flowControl: ScenarioGroup = {
  name: 'a source that is held',
  scenarios: [
    ...(['at-least-once', 'transactional'] as const).map((handOff): ScenarioGroup['scenarios'][number] => ({
      name: `since a bad deploy was about to dead-letter it gives up no more, and loses nothing, ${handOff}`,
      ...(handOff === 'transactional' && {
        on: 'kafka' as const,
        needs: ({ capabilities }) => capabilities.transactions === true,
      }),
      run: async (world) => {
        const topic = await world.topic(2);
        const written = numbers(600);
        let isBad = true;
        const member = await world.joined({
          topics: [topic],
          handOff,
          flow: { guard: { deadLetters: 20 } },
          handler: () => {
            if (isBad) throw new TypeError('x.map is not a function');
          },
        });
        await world.write(topic, ...written.map((value, i) => ({ value, partition: i % 2 })));
        await member.untilTold('guarded');
        await member.untilTold('deadLetter', 19);
        // Longer than a commit, a hand-off, a heartbeat.
        await sleep(1_000);
        expect(member.told('deadLetter')).toHaveLength(19);
        expect(member.attempts.length).toBeLessThanOrEqual(21);
        expect(member.consumer.health()).toMatchObject({
          state: 'paused',
          held: [{ topic, reason: 'guard' }],
        });
        isBad = false;
        member.consumer.resume([topic]);
        for (const partition of [0, 1]) await world.untilCommitted(topic, 300, partition);
        const letters = (await world.observer.read(world.ownTopic(topic, 'dlt'))).map(({ text }) => text);
        expect(letters).toHaveLength(19);
        expect([...letters, ...member.handled].sort()).toEqual(written.toSorted());
        expect(member.consumer.health()).toMatchObject({ state: 'running', held: [] });
      },
    })),
    {
      name: 'while what its handler needs is down costs a few attempts, no dead letter and no tier, and all go on',
      run: async (world) => {
        const topic = await world.topic(3);
        const written = numbers(300);
        let isDown = true;
        const member = await world.joined({
          topics: [topic],
          concurrency: 4,
          retry: { inPlace: { maxAttempts: 20, strategy: fixed(5) }, tiers: [200] },
          flow: { breaker: { minAttempts: 10, openFor: 300 } },
          handler: async () => {
            await sleep(1);
            if (isDown) throw new Error('connect ECONNREFUSED');
          },
        });
        await world.write(topic, ...written.map((value, i) => ({ value, partition: i % 3 })));
        await member.untilTold('held');
        const before = member.attempts.length;
        await sleep(1_500);
        // One alone each 300 ms or somewhat more, and those that ran when it opened.
        expect(before).toBeLessThanOrEqual(10 + 12);
        expect(member.attempts.length - before).toBeLessThanOrEqual(6 + 12);
        expect(member.consumer.health()).toMatchObject({
          state: 'paused',
          held: [{ topic, reason: 'breaker' }],
        });
        isDown = false;
        for (const partition of [0, 1, 2]) await world.untilCommitted(topic, 100, partition);
        expect(member.handled.toSorted()).toEqual(written.toSorted());
        expect([...member.told('deadLetter'), ...member.told('handOff')]).toEqual([]);
        expect(member.consumer.health().held).toEqual([]);
      },
    },
    {
      name: 'by hand starts nothing, over a rebalance too, commits what has run, and goes on',
      run: async (world) => {
        const topic = await world.topic(4);
        const config = { topics: [topic], handler: () => {} };
        const member = await world.joined(config);
        await world.write(topic, { value: 'before', partition: 0 });
        await member.untilHandled('before');
        // By a coordinator that was loading, if at all.
        const crashes = member.told('crashed').length;
        member.consumer.pause([topic]);
        await world.untilCommitted(topic, 1, 0);
        const other = world.member(config);
        other.consumer.pause();
        await other.consumer.start();
        for (const partition of [0, 1, 2, 3])
          await world.write(topic, { value: `held ${partition}`, partition });
        await sleep(1_500);
        expect([...member.handled, ...other.handled]).toEqual(['before']);
        await member.until('paused', () => member.consumer.health().state === 'paused');
        expect(member.told('crashed')).toHaveLength(crashes);
        await other.consumer.stop();
        member.consumer.resume();
        await member.untilHandled('held 0', 'held 1', 'held 2', 'held 3');
        for (const partition of [0, 1, 2, 3])
          await world.untilCommitted(topic, partition === 0 ? 2 : 1, partition);
        expect(member.attempts.map(({ record }) => textOf(record)).toSorted()).toEqual([
          'before',
          ...numbers(4).map((n) => `held ${n}`),
        ]);
      },
    },
  ],
};
