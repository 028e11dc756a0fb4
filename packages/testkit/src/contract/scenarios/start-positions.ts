import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** Promise 2. */
export const startPositions: ScenarioGroup = {
  name: 'a start position',
  scenarios: [
    {
      name: 'at latest is committed before start() resolves',
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, 'old', 'old', { partition: 1, value: 'old' });
        const member = await world.joined({ topics: [topic], startFrom: 'latest' });
        expect(await world.observer.committed(world.groupId, topic)).toEqual([2, 1]);
        await world.write(topic, 'new');
        await member.untilHandled('new');
        expect(member.tried).toEqual(['new']);
      },
    },
    {
      name: 'at latest survives a crash before the first ordinary commit',
      everyVersion: true,
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'old');
        const child = world.child({
          kind: 'consume',
          handlerTime: 'never',
          consumer: {
            topic,
            groupId: world.groupId,
            startFrom: 'latest',
            client: world.adapter.client.quick,
          },
        });
        await child.untilTold('started');
        await world.write(topic, 'first');
        await child.untilTold('attempt');
        await child.kill();
        await world.write(topic, 'while it was down');
        const member = await world.joined({ topics: [topic], startFrom: 'latest' });
        await member.untilHandled('first', 'while it was down');
        expect(member.tried).toEqual(['first', 'while it was down']);
      },
    },
    {
      name: 'of a new tier is its beginning: a copy from before its first fetch is handled',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'old');
        const tier = world.ownTopic(topic, 'retry-200ms');
        await world.observer.createTopic(tier, 1);
        await world.write(tier, 'copy');
        const member = await world.joined({ topics: [topic], startFrom: 'latest', retry: { tiers: [200] } });
        await world.write(topic, 'new');
        await member.untilHandled('copy', 'new');
        expect([...member.tried].sort()).toEqual(['copy', 'new']);
      },
    },
    {
      name: 'of a partition that appears later is its beginning: a source that grows under load loses nothing',
      run: async (world) => {
        const topic = await world.topic(2);
        const member = await world.joined({
          topics: [topic],
          startFrom: 'latest',
          retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
          handler: (record, { tier }) => {
            if (Number(textOf(record)) % 5 === 0 && tier === 0) throw new Error('later');
          },
        });
        const written: string[] = [];
        const load = async (count: number, partitions: number) => {
          for (let i = 0; i < count; i++) {
            const value = String(written.length);
            await world.write(topic, { value, partition: i % partitions });
            written.push(value);
            await sleep(5);
          }
        };
        await load(20, 2);
        const growing = world.observer.growTopic(topic, 4);
        await load(20, 2);
        await growing;
        await load(60, 4);
        const handled = () => new Set(member.handled);
        await member.until('all are handled', () => handled().size === written.length);
        expect(await world.observer.partitions(world.ownTopic(topic, 'retry-200ms'))).toBe(4);
        const copies = await world.observer.read(world.ownTopic(topic, 'retry-200ms'));
        expect(new Set(copies.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2, 3]));
      },
    },
    {
      name: 'of a partition that appeared while the whole group was down is its beginning',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'old');
        const config = { topics: [topic], startFrom: 'latest' } as const;
        const first = await world.joined(config);
        await first.consumer.stop();
        await world.observer.growTopic(topic, 2);
        await world.write(topic, { partition: 1, value: 'early' });
        const second = await world.joined(config);
        await second.untilHandled('early');
        expect(second.tried).toEqual(['early']);
      },
    },
    {
      name: 'that retention has deleted while the group was down is an event with the number passed over',
      everyVersion: true,
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, '0', '1');
        const first = await world.joined({ topics: [topic] });
        await world.untilCommitted(topic, 2);
        await first.consumer.stop();
        await world.write(topic, '2', '3', '4', '5', '6', '7');
        await world.observer.deleteRecords(topic, 0, 6);
        const second = await world.joined({ topics: [topic] });
        await second.untilHandled('6', '7');
        expect(second.tried).toEqual(['6', '7']);
        await second.untilTold('offsetOutOfRange');
        expect(second.told('offsetOutOfRange')).toEqual([
          { topic, partition: 0, from: 2, to: 6, passedOver: 4 },
        ]);
        await world.untilCommitted(topic, 8);
      },
    },
    {
      name: 'that retention deletes ahead of a slow consumer is an event, and what is left is handled',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        let release = () => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        await world.write(topic, '0', '1', '2', '3');
        const member = await world.joined({
          topics: [topic],
          // The lane is full after the first fetch: what comes later is not fetched.
          buffer: { records: 1 },
          handler: () => held,
        });
        await member.until('the partition is paused', () => member.consumer.health().partitions[0]?.paused);
        await world.write(topic, ...Array.from({ length: 6 }, (_, i) => String(i + 4)));
        await world.observer.deleteRecords(topic, 0, 8);
        release();
        await member.untilHandled('8', '9');
        const told = member.told('offsetOutOfRange');
        const fetched = Number(member.handled[member.handled.indexOf('8') - 1]);
        // What was fetched ahead of the pause is handled; what was deleted before its fetch is told.
        if (fetched < 7)
          expect(told).toEqual([{ topic, partition: 0, from: fetched + 1, to: 8, passedOver: 7 - fetched }]);
        await world.untilCommitted(topic, 10);
      },
    },
  ],
};
