// One file, since it is one group of scenarios: a list that is read from its top.
import { AsyncLocalStorage } from 'node:async_hooks';
import { fixed, PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { GROUP_AUTHORIZATION_FAILED } from '../../support/broker-codes.js';
import { uniqueName } from '../../support/names.js';
import { sleep } from '../../support/until.js';
import { Gate } from '../harness/gate.js';
import { rejection } from '../harness/rejection.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** For leaving the group and closing connections, on a busy machine. In ms. */
const FAREWELL = 8_000;

/** Promise 9. */
export const lifecycle: ScenarioGroup = {
  name: 'the lifecycle',
  scenarios: [
    {
      name: 'is told by typed events, health() and explain()',
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, 'flaky', 'bad');
        const member = world.member({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(10) }, tiers: [200] },
          handler: (record, { tier }) => {
            if (textOf(record) === 'bad') throw new PermanentError('never');
            if (tier === 0) throw new Error('later');
          },
        });
        const { consumer } = member;
        expect(consumer.health().state).toBe('starting');
        await consumer.start();
        expect(consumer.health().state).toBe('running');
        await member.untilHandled('flaky');
        await member.untilTold('deadLetter');
        for (const type of ['assigned', 'retry', 'handOff', 'late', 'success', 'deadLetter'] as const) {
          expect(member.told(type), type).toHaveLength(1);
        }
        expect(member.told('retry')).toMatchObject([{ tier: 0, attempt: 1, totalAttempts: 1, delay: 10 }]);
        expect(member.told('success')).toMatchObject([{ tier: 1, attempt: 1, totalAttempts: 3 }]);
        await world.untilCommitted(topic, 2);
        await member.until('health tells it', () =>
          consumer.health().partitions.some((one) => one.topic === topic && one.committed === 2),
        );
        expect(consumer.health().partitions).toHaveLength(4);
        expect(
          consumer.health().partitions.find((one) => one.topic === topic && one.partition === 0),
        ).toMatchObject({
          position: 2,
          committed: 2,
          queued: 0,
          paused: false,
        });
        expect(consumer.explain()).toContain(world.ownTopic(topic, 'retry-200ms'));
        expect(consumer.explain()).toContain(world.ownTopic(topic, 'dlt'));
        await consumer.stop();
        expect(member.eventTypes.at(-1)).toBe('stopped');
        expect(member.told('stopped')).toEqual([{ finished: true }]);
        expect(consumer.health().state).toBe('stopped');
      },
    },
    {
      name: 'each handler runs in the async context of start(), whatever another one has entered',
      run: async (world) => {
        const topic = await world.topic();
        const entered = new AsyncLocalStorage<string>();
        const seen: (string | undefined)[] = [];
        const member = world.member({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
          handler: (record, { tier }) => {
            seen.push(entered.getStore());
            entered.enterWith(`the context of ${textOf(record)}`);
            if (tier === 0 && textOf(record) === 'flaky') throw new Error('later');
          },
        });
        await entered.run('start', () => member.consumer.start());
        await entered.run('the producer', () => world.write(topic, 'a', 'flaky', 'b'));
        await member.untilHandled('a', 'b', 'flaky');
        expect(seen).toEqual(['start', 'start', 'start', 'start']);
      },
    },
    {
      name: 'stop: nothing new starts, what runs may finish and is committed',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'a', 'b');
        const gate = new Gate();
        const member = await world.joined({ topics: [topic], handler: gate.handler });
        const call = await gate.call('a');
        const stopping = member.consumer.stop();
        await sleep(100);
        expect(call.context.signal.aborted).toBe(false);
        call.pass();
        await stopping;
        expect(gate.calls).toHaveLength(1);
        expect(await world.committed(topic)).toBe(1);
        expect(member.told('stopped')).toEqual([{ finished: true }]);
      },
    },
    {
      name: 'stop: a handler that does not end is aborted at the limit, and its record is read again',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'a');
        const gate = new Gate();
        const member = await world.joined({ topics: [topic], handler: gate.handler });
        const call = await gate.call('a');
        const begin = Date.now();
        await member.consumer.stop({ timeout: 300 });
        expect(Date.now() - begin).toBeLessThan(300 + FAREWELL);
        expect(call.context.signal.aborted).toBe(true);
        expect(member.told('stopped')).toEqual([{ finished: false }]);
        call.pass();
        const next = await world.joined({ topics: [topic] });
        await next.untilHandled('a');
      },
    },
    {
      name: 'stop: by a handler that does not wait for it, whose record is committed once it has ended',
      run: async (world) => {
        const topic = await world.topic();
        const gate = new Gate();
        const member = world.member({
          topics: [topic],
          handler: (record, context) => {
            void member.consumer.stop();
            return gate.handler(record, context);
          },
        });
        await member.consumer.start();
        await world.write(topic, 'a', 'b');
        const call = await gate.call('a');
        await sleep(100);
        expect(call.context.signal.aborted).toBe(false);
        call.pass();
        await member.untilTold('stopped');
        expect(member.told('stopped')).toEqual([{ finished: true }]);
        expect(gate.calls).toHaveLength(1);
        expect(await world.committed(topic)).toBe(1);
      },
    },
    {
      name: 'stop: does not wait for records that wait, in place or in a tier, and loses none',
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, 'place', { value: 'tier', partition: 1 });
        const config = { topics: [topic] };
        const member = await world.joined({
          ...config,
          retry: { tiers: ['1h'], inPlace: { maxAttempts: 2, strategy: fixed(60_000) } },
          handler: (record) => {
            throw new Error(String(textOf(record)));
          },
        });
        await member.untilTold('retry', 2);
        const begin = Date.now();
        await member.consumer.stop();
        expect(Date.now() - begin).toBeLessThan(FAREWELL);
        expect(member.told('stopped')).toEqual([{ finished: true }]);
        expect(await world.observer.committed(world.groupId, topic)).toEqual([0, 0]);
        const next = await world.joined(config);
        await next.untilHandled('place', 'tier');
      },
    },
    {
      name: 'stop: copies that cannot be written hold it up to its limit, and are made by the next member',
      run: async (world) => {
        const topic = await world.topic();
        const letters = await world.topic();
        const gate = new Gate();
        const config = {
          topics: [topic],
          exhausted: { action: 'dead-letter', topic: letters },
          topology: { create: 'never' },
          handler: gate.handler,
        } as const;
        await world.write(topic, 'bad');
        const member = await world.joined(config);
        const bad = await gate.call('bad');
        const unblock = await world.cluster.blockWrites(letters);
        bad.fail(new PermanentError('never'));
        await member.untilTold('publishFailed');
        const begin = Date.now();
        await member.consumer.stop({ timeout: 300 });
        expect(Date.now() - begin).toBeLessThan(300 + FAREWELL);
        expect(await world.committed(topic)).toBe(0);
        await unblock();
        const next = await world.joined(config);
        (await gate.call('bad', 2)).fail(new PermanentError('never'));
        await next.untilTold('deadLetter');
        await world.untilCommitted(topic, 1);
      },
    },
    {
      name: 'stop: at odd moments after start() it resolves, and the group is free for the next member',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'a');
        for (const ms of [0, 1, 15, 40, 90, 150]) {
          const gate = new Gate();
          const member = world.member({ topics: [topic], handler: gate.handler });
          const starting = member.consumer.start().then(
            () => 'started',
            (error: { code?: string }) => error.code,
          );
          if (ms > 0) await sleep(ms);
          await member.consumer.stop({ timeout: 0 });
          expect(['started', 'VELO_ABORTED']).toContain(await starting);
          expect(member.consumer.health().state).toBe('stopped');
        }
        const last = await world.joined({ topics: [topic] });
        await last.untilHandled('a');
      },
    },
    {
      name: 'stop: by a signal, also while start() waits for a topic',
      run: async (world) => {
        const abort = new AbortController();
        const member = world.member({ topics: [uniqueName('missing')], waitForTopics: '1h' });
        const starting = member.consumer.start({ signal: abort.signal });
        starting.catch(() => {});
        await member.untilTold('wait');
        abort.abort();
        expect(await rejection(starting)).toMatchObject({ code: 'VELO_ABORTED' });
        await member.until('stopped', () => member.consumer.health().state === 'stopped');
      },
    },
    {
      name: 'stop: during a rebalance it resolves, and the other member goes on',
      several: true,
      run: async (world) => {
        const topic = await world.topic(4);
        const first = await world.joined({ topics: [topic] });
        const second = world.member({ topics: [topic] });
        const starting = second.consumer.start();
        starting.catch(() => {});
        await sleep(60);
        await first.consumer.stop();
        await starting;
        await world.write(
          topic,
          ...[0, 1, 2, 3].map((partition) => ({ value: String(partition), partition })),
        );
        await second.untilHandled('0', '1', '2', '3');
      },
    },
    {
      name: 'stop: the process ends by itself, whenever its consumers were stopped',
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, 'a', 'b', { value: 'c', partition: 1 });
        const child = world.child({
          kind: 'stop',
          after: [0, 3, 30, 120, 400],
          consumer: {
            topic,
            groupId: world.groupId,
            startFrom: 'earliest',
            tiers: [3_600_000],
            client: world.adapter.client.quick,
          },
        });
        await child.untilTold('closed');
        await child.until('it has ended', () => child.ended !== undefined, 10_000);
        expect(child.ended).toBe(0);
        const [closed] = child.told('closed');
        const [exiting] = child.told('exiting');
        expect((exiting?.at ?? 0) - (closed?.at ?? 0)).toBeLessThan(500);
      },
    },
    {
      name: 'crash: the client’s consumer ends by itself, a new one goes on',
      on: 'embedded',
      needs: ({ crash }) => crash !== undefined,
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, 'a', { value: 'b', partition: 1 });
        const gate = new Gate();
        const member = await world.joined({ topics: [topic], handler: gate.handler });
        const [a, b] = await Promise.all([gate.call('a'), gate.call('b')]);
        world.adapter.crash?.(world.cluster.embedded);
        await member.untilTold('crashed');
        await member.untilTold('restarted');
        a.pass();
        b.pass();
        await world.write(topic, 'c');
        (await gate.call('c')).pass();
        await world.untilCommitted(topic, 2);
        await world.untilCommitted(topic, 1, 1);
        // What ran while the client crashed is not handled again.
        expect(member.handled.sort()).toEqual(['a', 'b', 'c']);
        expect(member.consumer.health().state).toBe('running');
      },
    },
    {
      name: 'crash: a broker that goes away for two seconds costs no record',
      on: 'embedded',
      run: async (world) => {
        const topic = await world.topic(2);
        const member = await world.joined({ topics: [topic] });
        await world.write(topic, 'before');
        await member.untilHandled('before');
        world.cluster.embedded.brokerDown(1);
        await sleep(2_000);
        world.cluster.embedded.brokerUp(1);
        await world.write(topic, 'after', { value: 'other', partition: 1 });
        await member.until('all are handled', () => new Set(member.handled).size === 3);
        await world.untilCommitted(topic, 2);
        expect(member.consumer.health().state).toBe('running');
      },
    },
    {
      name: 'death: start() rejects if it cannot join, and an event says why',
      on: 'embedded',
      run: async (world) => {
        const topic = await world.topic();
        const member = world.member({ topics: [topic] });
        world.cluster.embedded.pushErrors('JoinGroup', Array(50).fill(GROUP_AUTHORIZATION_FAILED));
        expect(await rejection(member.consumer.start())).toMatchObject({ code: 'VELO_CONSUMER_DEAD' });
        expect(member.told('dead')).toHaveLength(1);
        expect(member.told('dead')[0]?.explanation).toContain(world.groupId);
        expect(member.consumer.health().state).toBe('dead');
      },
    },
  ],
};
