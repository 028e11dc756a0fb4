import { fixed } from '@velo/retry-core';
import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { Gate } from '../harness/gate.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** Of each handler, ms. */
const WORK = 20;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Promise 10. */
export const concurrency: ScenarioGroup = {
  name: 'records of a partition that run side by side',
  scenarios: [
    {
      name: 'are of different keys, those of one key one after the other, and a failing one waits alone',
      run: async (world) => {
        const topic = await world.topic();
        const written = Array.from({ length: 80 }, (_, i) => ({
          key: KEYS[i % KEYS.length] as string,
          value: String(i),
        }));
        await world.write(topic, ...written);
        const running = new Set<string>();
        const twice: string[] = [];
        let most = 0;
        let failed = false;
        const member = await world.joined({
          topics: [topic],
          concurrency: 4,
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(3_000) } },
          handler: async (record) => {
            const key = String(record.key);
            if (running.has(key)) twice.push(key);
            running.add(key);
            most = Math.max(most, running.size);
            await sleep(WORK);
            running.delete(key);
            if (textOf(record) !== '0' || failed) return;
            failed = true;
            throw new Error('not yet');
          },
        });
        await world.untilCommitted(topic, written.length);
        expect([most, twice]).toEqual([4, []]);
        const ofKey = (key: string) => written.filter((one) => one.key === key).map(({ value }) => value);
        const { handled } = member;
        for (const key of KEYS)
          expect(handled.filter((value) => ofKey(key).includes(value as string))).toEqual(ofKey(key));
        // All others have passed the key that waited.
        expect(handled.slice(-10)).toEqual(ofKey('a'));
      },
    },
    {
      name: 'are not repeated after a kill -9 where a commit can tell that they have finished',
      needs: ({ capabilities }) => capabilities.commitMetadata === true,
      run: async (world) => {
        const topic = await world.topic();
        const written = Array.from({ length: 40 }, (_, i) => ({
          key: String(i),
          value: i % 10 === 0 ? `stuck ${i}` : String(i),
        }));
        await world.write(topic, ...written);
        const child = world.child({
          kind: 'consume',
          handlerTime: 0,
          consumer: {
            topic,
            groupId: world.groupId,
            startFrom: 'earliest',
            concurrency: 16,
            client: world.adapter.client.quick,
          },
        });
        await child.untilTold('handled', 36);
        // A commit comes within 50 ms; the first one was there before the first record.
        await sleep(1_000);
        await child.kill();
        const next = await world.joined({ topics: [topic], concurrency: 16 });
        await world.untilCommitted(topic, written.length);
        expect(next.tried.toSorted()).toEqual(['stuck 0', 'stuck 10', 'stuck 20', 'stuck 30']);
      },
    },
    {
      name: 'end before their partition goes on in a member that has it back',
      several: true,
      run: async (world) => {
        const topic = await world.topic(2);
        const both = (value: string) => [0, 1].map((partition) => ({ value, partition, key: value }));
        await world.write(topic, ...both('a'), ...both('b'));
        const gate = new Gate();
        const first = await world.joined({ topics: [topic], concurrency: 4, handler: gate.handler });
        await Promise.all([gate.call('a', 2), gate.call('b', 2)]);
        const elsewhere = new Gate();
        const second = await world.joined({ topics: [topic], concurrency: 4, handler: elsewhere.handler });
        await first.untilTold('revoked');
        const lost = first.told('revoked')[0]?.partitions[0]?.partition as number;
        await Promise.all([elsewhere.call('a'), elsewhere.call('b')]);
        const stopped = second.consumer.stop({ timeout: 100 });
        await first.until('it has the partition back', () =>
          first.consumer.health().partitions.some(({ partition }) => partition === lost),
        );
        await stopped;
        await sleep(500);
        // Those of its first time still run there.
        const ofLost = () => gate.calls.filter(({ record }) => record.partition === lost).length;
        expect(ofLost()).toBe(2);
        gate.passAll();
        await first.until('they have come again', () => ofLost() === 4);
        gate.passAll();
        for (const partition of [0, 1]) await world.untilCommitted(topic, 2, partition);
      },
    },
  ],
};
