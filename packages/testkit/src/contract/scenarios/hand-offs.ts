// One file, since it is one group of scenarios: a list that is read from its top.
import { fixed, PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { COORDINATOR_NOT_AVAILABLE } from '../../support/broker-codes.js';
import { Gate } from '../harness/gate.js';
import { textOf, type World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const permanent = () => {
  throw new PermanentError('never');
};

/** Records that fail, more than may be on their way at once. */
const MANY = 2_500;

/** Promises 1 and 6. */
export const handOffs: ScenarioGroup = {
  name: 'a copy',
  scenarios: [
    {
      name: 'is acknowledged before the offset of its record is committed, while the lane goes on',
      run: async (world) => {
        const topic = await world.topic();
        const letters = await world.topic();
        const gate = new Gate();
        const member = await world.joined({
          topics: [topic],
          exhausted: { action: 'dead-letter', topic: letters },
          topology: { create: 'never' },
          handler: gate.handler,
        });
        await world.write(topic, 'bad', 'good');
        const bad = await gate.call('bad');
        const unblock = await world.cluster.blockWrites(letters);
        bad.fail(new PermanentError('never'));
        (await gate.call('good')).pass();
        await member.untilTold('publishFailed', 3);
        expect(member.handled).toEqual(['good']);
        expect(await world.committed(topic)).toBe(0);
        expect(member.consumer.health()).toMatchObject({ state: 'retrying', pendingHandOffs: 1 });
        await unblock();
        await world.untilCommitted(topic, 2);
        expect(member.told('deadLetter')).toHaveLength(1);
        expect((await world.observer.read(letters)).map(({ text }) => text)).toEqual(['bad']);
        await member.until('running again', () => member.consumer.health().state === 'running');
      },
    },
    {
      name: 'that cannot be written holds up its own lane, when there are too many, and no other',
      on: 'embedded',
      run: async (world) => {
        const topic = await world.topic(2);
        const letters = await world.topic();
        const { embedded } = world.cluster;
        const member = await world.joined({
          topics: [topic],
          exhausted: { action: 'dead-letter', topic: letters },
          buffer: { records: MANY },
          // All of them are to become dead letters.
          flow: { guard: false },
          handler: (record) => (textOf(record)?.startsWith('bad') ? permanent() : undefined),
        });
        embedded.setLeader(letters, 0, -1);
        await world.write(topic, ...Array.from({ length: MANY }, (_, i) => `bad ${i}`));
        await member.until('its lane waits', () => member.consumer.health().pendingHandOffs >= 1_000);
        await member.untilTold('publishFailed', 2);
        await world.write(topic, { value: 'good', partition: 1 });
        await member.untilHandled('good');
        await world.untilCommitted(topic, 1, 1);
        expect(member.attempts).toHaveLength(1_001);
        embedded.setLeader(letters, 0, 1);
        await world.untilCommitted(topic, MANY);
      },
    },
    {
      name: 'goes through each wait to the dead letters: partition, key, value and headers as they were',
      everyVersion: true,
      run: async (world) => {
        const topic = await world.topic(3);
        const [key, value] = [Buffer.from([0, 255, 1]), Buffer.from([254, 0, 7])];
        await world.write(topic, { partition: 2, key, value, headers: [['trace', 'abc']] });
        const waits = [300, 500];
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: waits },
          handler: () => {
            throw new Error('down');
          },
        });
        await member.untilTold('deadLetter');
        const tiers = [world.ownTopic(topic, 'retry-300ms'), world.ownTopic(topic, 'retry-500ms')];
        expect(member.attempts.map(({ record }) => record.topic)).toEqual([topic, ...tiers]);
        expect(
          member.attempts.map(({ context }) => [context.tier, context.attempt, context.totalAttempts]),
        ).toEqual([
          [0, 1, 1],
          [1, 1, 2],
          [2, 1, 3],
        ]);
        const [first, second, third] = member.attempts.map(({ at }) => at) as [number, number, number];
        // Each of the two is told in whole milliseconds.
        expect(second - first).toBeGreaterThanOrEqual(299);
        expect(third - second).toBeGreaterThanOrEqual(499);
        const [source] = await world.observer.read(topic);
        for (const name of [...tiers, world.ownTopic(topic, 'dlt')]) {
          const [copy, ...more] = await world.observer.read(name);
          expect(more).toEqual([]);
          expect(copy).toMatchObject({ partition: 2, key, value, headers: { trace: 'abc' } });
          expect(copy?.headers).toMatchObject({
            'velo-original-topic': topic,
            'velo-original-partition': '2',
            'velo-original-offset': '0',
            'velo-original-timestamp': String(source?.timestamp),
            'velo-error-message': 'down',
          });
          // Retention would delete a late copy at once if it had its source's timestamp.
          if (name !== tiers[0]) expect(copy?.timestamp).toBeGreaterThan(source?.timestamp as number);
        }
        for (const name of [topic, ...tiers]) await world.untilCommitted(name, 1, 2);
      },
    },
    {
      name: 'that the brokers refuse for good stops the consumer before its record',
      everyVersion: true,
      run: async (world) => {
        const topic = await world.topic();
        const letters = await world.topic();
        await world.write(topic, 'good', 'bad', 'next');
        await world.cluster.refuseWrites(letters);
        const member = world.member({
          topics: [topic],
          exhausted: { action: 'dead-letter', topic: letters },
          handler: (record) => (textOf(record) === 'bad' ? permanent() : undefined),
        });
        await member.consumer.start().catch(() => {});
        await member.untilTold('stopped');
        expect(member.consumer.health()).toMatchObject({
          state: 'dead',
          error: { code: 'VELO_PUBLISH_REFUSED' },
        });
        expect(member.told('dead')).toHaveLength(1);
        expect(await world.committed(topic)).toBe(1);
      },
    },
    {
      name: 'that nobody takes is given up with an event, where the configuration says so',
      run: async (world) => {
        const topic = await world.topic();
        const letters = await world.topic();
        await world.write(topic, 'bad', 'next');
        await world.cluster.refuseWrites(letters);
        const member = await world.joined({
          topics: [topic],
          exhausted: { action: 'dead-letter', topic: letters },
          refused: 'skip',
          handler: (record) => (textOf(record) === 'bad' ? permanent() : undefined),
        });
        await world.untilCommitted(topic, 2);
        expect(member.told('skipped')).toMatchObject([{ reason: 'refused' }]);
        expect(member.told('publishRefused').length).toBeGreaterThan(0);
        expect(member.consumer.health().state).toBe('running');
      },
    },
    {
      name: 'that its tier refuses for good goes to the dead letters',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const tier = world.ownTopic(topic, 'retry-200ms');
        await world.observer.createTopic(tier, 1, { 'max.message.bytes': '50' });
        await world.write(topic, 'bad', 'next');
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
          handler: (record) => {
            if (textOf(record) === 'bad') throw new Error('later');
          },
        });
        await world.untilCommitted(topic, 2);
        expect(member.told('deadLetter')).toMatchObject([{ reason: 'refused' }]);
        const letters = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(letters.map(({ text }) => text)).toEqual(['bad']);
      },
    },
    {
      name: 'is made again after a crash that came before the commit: never lost, doubled at the most',
      on: 'embedded',
      run: async (world) => {
        const topic = await world.topic();
        const config = { topics: [topic], handler: permanent };
        const first = await world.joined(config);
        world.cluster.embedded.pushErrors('OffsetCommit', Array(500).fill(COORDINATOR_NOT_AVAILABLE));
        await world.write(topic, 'bad');
        await first.untilTold('commitFailed', 2);
        await first.consumer.stop({ timeout: 0 });
        world.cluster.embedded.clearErrors('OffsetCommit');
        expect(await world.committed(topic)).toBe(0);
        const second = await world.joined(config);
        await second.untilTold('deadLetter');
        await world.untilCommitted(topic, 1);
        const letters = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(letters.map(({ text }) => text)).toEqual(['bad', 'bad']);
      },
    },
    {
      name: 'finds a topic of its own: as wide as the source, kept longer than the wait, never compacted',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(5);
        await world.joined({ topics: [topic], retry: { tiers: ['1h'] } });
        const tier = world.ownTopic(topic, 'retry-1h');
        for (const name of [tier, world.ownTopic(topic, 'dlt')]) {
          expect(await world.observer.partitions(name)).toBe(5);
          expect(await world.observer.configs(name)).toMatchObject({ 'cleanup.policy': 'delete' });
        }
        const retention = Number((await world.observer.configs(tier))['retention.ms']);
        expect(retention).toBeGreaterThan(3_600_000 + 86_400_000);
      },
    },
    {
      name: 'of a record at its topic’s size limit is written',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(1, { 'max.message.bytes': '2000000' });
        await world.write(topic, { value: Buffer.alloc(1_999_900, 'x') }, 'next');
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: ['100ms'] },
          handler: (record, { tier }) => {
            if ((record.value?.length ?? 0) > 100 && tier === 0) throw new Error('later');
          },
        });
        await member.until('both are handled', () => member.handled.length === 2);
        expect(member.told('dead')).toEqual([]);
      },
    },
    {
      name: 'whose topic vanishes is written to a new one',
      run: async (world) => {
        await world.ownObserver();
        const topic = await world.topic();
        const member = await world.joined({ topics: [topic], handler: permanent });
        const letters = world.ownTopic(topic, 'dlt');
        await world.observer.deleteTopic(letters);
        await world.write(topic, 'bad');
        await member.untilTold('deadLetter');
        expect((await world.observer.read(letters)).map(({ text }) => text)).toEqual(['bad']);
      },
    },
    ...[1, 16].map((concurrency) => ({
      name: `is made by a consumer that is killed again and again, ${concurrency} at once: no record is lost`,
      limit: 60_000,
      run: async (world: World) => {
        const topic = await world.topic(2);
        const values = Array.from(
          { length: 240 },
          (_, i) => `${i % 8 === 0 ? 'bad' : i % 4 === 0 ? 'flaky' : 'good'}${i}`,
        );
        await world.write(topic, ...values.map((value, i) => ({ value, partition: i % 2 })));
        const task = {
          kind: 'consume',
          handlerTime: 2,
          consumer: {
            topic,
            groupId: world.groupId,
            startFrom: 'earliest',
            tiers: [200],
            concurrency,
            client: world.adapter.client.quick,
          },
        } as const;
        const done = new Set<string | null>();
        for (const attempts of [30, 60]) {
          const child = world.child(task);
          await child.untilTold('attempt', attempts);
          await child.kill();
          for (const { text } of child.told('handled')) done.add(text);
        }
        const last = await world.joined({
          topics: [topic],
          concurrency,
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(1) }, tiers: [200] },
          handler: (record) => (textOf(record)?.startsWith('bad') ? permanent() : undefined),
        });
        const ends = [await world.observer.range(topic, 0), await world.observer.range(topic, 1)];
        for (const partition of [0, 1])
          await world.untilCommitted(topic, ends[partition]?.high as number, partition);
        const tier = world.ownTopic(topic, 'retry-200ms');
        for (const partition of [0, 1]) {
          await world.untilCommitted(tier, (await world.observer.range(tier, partition)).high, partition);
        }
        for (const text of last.handled) done.add(text);
        for (const { text } of await world.observer.read(world.ownTopic(topic, 'dlt'))) done.add(text);
        expect(values.filter((value) => !done.has(value))).toEqual([]);
      },
    })),
  ],
};
