// One file, since it is one group of scenarios: a list that is read from its top.
import { fixed, RetriableError } from '@velo/retry-core';
import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import type { AdapterUnderTest } from '../adapter.js';
import { quantile } from '../harness/quantile.js';
import { sampleTimerLag } from '../harness/timer-lag.js';
import { textOf } from '../harness/world.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

/**
 * The promise is that no other partition is silent for 200 ms, and that 99 % of an idle lane's records start within 50 ms
 * of their time. A busy machine holds everything up, so the promised times are asserted of most records, beyond what plain
 * timers were late meanwhile; of all records a second. Handlers in the fetch loop are silent for the wait's 3 s, a client
 * that sleeps on an idle fetch is up to 1.5 s late, and both with more than a few records. In ms.
 */
const SILENCE = { most: 200, all: 1_000 };
const LATENESS = { most: 50, all: 1_000 };
const WAIT = 3_000;
/** Records of the test of due times, one each 30 ms: their attempts are spread over two idle fetches. */
const DUE = 60;

/** What the handler asks for: several times what its tier waits. */
const ASKED = 2_500;

/** Promise 14. */
const afterIsKept = (handOff: 'at-least-once' | 'transactional'): Scenario => ({
  name: `that asks for a longer wait than its tier's gets it, and holds no other back (${handOff})`,
  ...(handOff === 'transactional' && {
    on: 'kafka',
    needs: ({ capabilities }: AdapterUnderTest) => capabilities.transactions === true,
  }),
  run: async (world) => {
    const topic = await world.topic();
    const member = await world.joined({
      topics: [topic],
      handOff,
      retry: { inPlace: { maxAttempts: 1 }, tiers: [400] },
      handler: (record, { tier }) => {
        if (tier === 0) throw new RetriableError('later', { after: textOf(record) === 'late' ? ASKED : 0 });
      },
    });
    await world.write(topic, 'late', 'early');
    await member.untilHandled('early', 'late');
    expect(member.handled).toEqual(['early', 'late']);
    const waitOf = (value: string) => {
      const [first, second] = member.attempts.filter(({ text }) => text === value).map(({ at }) => at);
      return (second as number) - (first as number);
    };
    expect(waitOf('late')).toBeGreaterThanOrEqual(ASKED);
    expect(waitOf('early')).toBeLessThan(ASKED);
    expect(member.tried.filter((text) => text === 'late')).toHaveLength(2);
    expect(member.told('deferred').length).toBeGreaterThanOrEqual(2);
  },
});

/** Promises 4 and 7: those that a busy machine disturbs. */
export const times: ScenarioGroup = {
  name: 'while a record waits',
  alone: true,
  scenarios: [
    {
      name: 'for twice a session, other partitions flow, and the member stays in its group',
      run: async (world) => {
        const topic = await world.topic(4);
        const others = [1, 2, 3];
        await world.write(topic, 'slow');
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(WAIT) } },
          handler: (record, { attempt }) => {
            if (textOf(record) === 'slow' && attempt === 1) throw new Error('wait');
          },
        });
        await member.untilTold('retry');
        const endOfLag = sampleTimerLag();
        const written: number[] = [];
        for (const end = Date.now() + WAIT; Date.now() < end; await sleep(25)) {
          const value = String(written.length);
          await world.write(topic, { value, partition: others[written.length % 3] as number });
          written.push(Date.now());
        }
        await member.until('all are handled', () => member.handled.length === written.length + 1);
        const silences = member.attempts
          .filter(({ text }) => text !== 'slow')
          .map(({ text, at }) => at - (written[Number(text)] as number));
        expect(quantile(silences, 0.95)).toBeLessThan(SILENCE.most + quantile(endOfLag(), 0.95));
        expect(quantile(silences, 1)).toBeLessThan(SILENCE.all);
        const [first, second] = member.attempts.filter(({ text }) => text === 'slow').map(({ at }) => at);
        expect((second as number) - (first as number)).toBeGreaterThanOrEqual(WAIT);
        expect(member.told('assigned')).toHaveLength(1);
        expect(member.tried.filter((text) => text === 'slow')).toHaveLength(2);
      },
    },
    {
      name: 'in a tier, it starts when it is due although the client is idle',
      run: async (world) => {
        const topic = await world.topic(3);
        const member = await world.joined({
          topics: [topic],
          client: world.adapter.client.idle,
          retry: { inPlace: { maxAttempts: 1 }, tiers: [700] },
          handler: (_, { tier }) => {
            if (tier === 0) throw new Error('later');
          },
        });
        const endOfLag = sampleTimerLag();
        for (let i = 0; i < DUE; i++) {
          await world.write(topic, { value: String(i), partition: i % 3 });
          await sleep(30);
        }
        await member.untilTold('late', DUE);
        const lateness = member.told('late').map((event) => event.lateness);
        expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
        expect(quantile(lateness, 0.9)).toBeLessThan(LATENESS.most + quantile(endOfLag(), 0.9));
        expect(quantile(lateness, 1)).toBeLessThan(LATENESS.all);
      },
    },
    ...(['at-least-once', 'transactional'] as const).map(afterIsKept),
    {
      name: 'in a tier, it starts when it is due although all partitions are paused',
      run: async (world) => {
        const topic = await world.topic();
        let release = () => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const tier = world.ownTopic(topic, 'retry-700ms');
        const member = await world.joined({
          topics: [topic],
          client: world.adapter.client.idle,
          buffer: { records: 1 },
          retry: { inPlace: { maxAttempts: 1 }, tiers: [700] },
          handler: (record, { tier }) => {
            if (textOf(record)?.startsWith('held')) return held;
            if (tier === 0) throw new Error('later');
          },
        });
        await world.write(topic, '0', '1', '2', '3', 'held', 'held', 'held', 'held');
        await member.until('all partitions are paused', () => member.consumer.health().state === 'paused');
        const endOfLag = sampleTimerLag();
        // More copies, which are fetched after a resume only
        const due = Date.now() + 700;
        const headers = [
          ['velo-group', world.groupId],
          ['velo-due', String(due)],
        ] as const;
        await world.write(tier, ...['4', '5', '6', '7'].map((value) => ({ value, headers })));
        await member.untilTold('late', 8);
        release();
        const lateness = member.told('late').map((event) => event.lateness);
        // Half of them were fetched after a resume.
        expect(quantile(lateness, 0.75)).toBeLessThan(LATENESS.most + quantile(endOfLag(), 0.9));
        expect(quantile(lateness, 1)).toBeLessThan(LATENESS.all);
      },
    },
    {
      name: 'it costs memory in its lane only: 1,000 and 100,000 waiting records need the same within 32 MB',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const residents: number[] = [];
        for (const count of [1_000, 100_000]) {
          const topic = await world.topic();
          const tier = world.ownTopic(topic, 'retry-1h');
          await world.observer.createTopic(tier, 1);
          const headers = [
            ['velo-group', world.groupId],
            ['velo-due', String(Date.now() + 3_600_000)],
          ] as const;
          const value = Buffer.alloc(500, 'x');
          for (let left = count; left > 0; left -= 1_000) {
            await world.write(
              tier,
              ...Array.from({ length: Math.min(left, 1_000) }, () => ({ value, headers })),
            );
          }
          const child = world.child(
            {
              kind: 'measure',
              consumer: {
                topic,
                groupId: world.groupId,
                startFrom: 'earliest',
                tiers: [3_600_000],
                client: world.adapter.client.quick,
              },
            },
            ['--expose-gc'],
          );
          await child.untilTold('memory');
          const [memory] = child.told('memory');
          expect(memory?.queued).toBeGreaterThanOrEqual(Math.min(count - 1, 1_999));
          residents.push((memory?.resident ?? 0) / 2 ** 20);
          await child.kill();
        }
        const [few, many] = residents as [number, number];
        expect(many - few).toBeLessThan(32);
      },
    },
  ],
};

/** Promise 4. */
export const liveness: ScenarioGroup = {
  name: 'a handler that does not end',
  scenarios: [
    {
      name: 'is cut at handlerTimeout: its signal is aborted, the attempt has failed',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'slow');
        const member = await world.joined({
          topics: [topic],
          handlerTimeout: 200,
          handler: (_, { attempt, signal }) =>
            attempt === 1 ? new Promise((_resolve, _reject) => void signal) : undefined,
        });
        await member.untilHandled('slow');
        expect(member.attempts.map(({ context }) => context.attempt)).toEqual([1, 2]);
        expect(member.attempts[0]?.context.signal.aborted).toBe(true);
        expect(member.told('retry')).toMatchObject([{ error: { code: 'VELO_HANDLER_TIMEOUT' } }]);
        await world.untilCommitted(topic, 1);
      },
    },
    {
      name: 'in time is a failure, if what it returns comes to a rejection in the end, however deep',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'nested', 'last');
        const rejected = () => Promise.reject(new Error('after all'));
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what it is about
        const thenable = () => ({ then: (ok: (value: unknown) => void) => ok(rejected()) });
        const member = await world.joined({
          topics: [topic],
          handlerTimeout: '10s',
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(1) } },
          handler: (record) => (textOf(record) === 'nested' ? thenable() : undefined),
        });
        await member.untilHandled('last');
        await world.untilCommitted(topic, 2);
        expect(member.handled).toEqual(['last']);
        expect(member.told('deadLetter').map(({ record }) => textOf(record))).toEqual(['nested']);
      },
    },
    {
      name: 'is seen: health is stalled, one event says so, other partitions flow',
      run: async (world) => {
        const topic = await world.topic(2);
        let release = () => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        await world.write(topic, 'stuck');
        const member = await world.joined({
          topics: [topic],
          stallAfter: 300,
          handler: (record) => (textOf(record) === 'stuck' ? held : undefined),
        });
        await member.untilTold('stalled');
        expect(member.consumer.health().state).toBe('stalled');
        await world.write(topic, { value: 'other', partition: 1 });
        await member.untilHandled('other');
        expect(await world.committed(topic)).toBe(0);
        release();
        await world.untilCommitted(topic, 1);
        expect(member.consumer.health().state).toBe('running');
        expect(member.told('stalled')).toHaveLength(1);
      },
    },
  ],
};
