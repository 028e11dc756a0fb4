// One file, since it is one group of scenarios: a list that is read from its top.
import { setTimeout as sleep } from 'node:timers/promises';
import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { until } from '../../support/until.js';
import type { AdapterUnderTest } from '../adapter.js';
import type { Child } from '../harness/child.js';
import { dense } from '../harness/dense.js';
import { textOf, type World } from '../harness/world.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

const WAIT = 200;
/** After so long the brokers abort the transaction of a dead member, as `explain()` says, ms. */
const TIMEOUT = 10_000;
/** For the brokers' next look, the markers and the reader, ms. */
const SLACK = 4_000;
/** Records that fail, more than may be on their way at once. */
const MANY = 2_500;
const transactional = {
  handOff: 'transactional',
  retry: { inPlace: { maxAttempts: 1 }, tiers: [WAIT] },
  // A third, or all, of hundreds are to become dead letters.
  flow: { guard: false },
} as const;

/** Values that fail for good, in the source topic only, and never, by turns. */
const names = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${['bad', 'flaky', 'good'][(from + i) % 3]} ${from + i}`);

const handler: Parameters<World['member']>[0]['handler'] = (record, { tier }) => {
  if (textOf(record)?.startsWith('bad')) throw new PermanentError('bad');
  if (textOf(record)?.startsWith('flaky') && tier === 0) throw new Error('flaky');
};

/** Each copy exactly once, as a reader of committed records sees them, and no other. */
async function expectCopies(world: World, topic: string, written: readonly string[]): Promise<void> {
  for (const [suffix, kind] of [
    ['retry-200ms', 'flaky'],
    ['dlt', 'bad'],
  ] as const) {
    const expected = written.filter((name) => name.startsWith(kind)).sort();
    let seen: (string | null)[] = [];
    const look = async () => {
      seen = (await world.observer.read(world.ownTopic(topic, suffix))).map(({ text }) => text).sort();
      return seen.length >= expected.length;
    };
    // Some may stand behind what a dead member has left open.
    await until('all copies can be read', look, { limit: TIMEOUT + SLACK }).catch(() => {});
    expect(seen).toEqual(expected);
  }
}

function child(world: World, topic: string, handlerTime: number): Child {
  const { groupId, adapter } = world;
  return world.child({
    kind: 'consume',
    handlerTime,
    consumer: {
      topic,
      groupId,
      startFrom: 'earliest',
      tiers: [WAIT],
      handOff: 'transactional',
      client: adapter.client.quick,
    },
  });
}

const onKafka = (scenario: Omit<Scenario, 'on' | 'needs'>): Scenario => ({
  ...scenario,
  on: 'kafka',
  needs: ({ capabilities }: AdapterUnderTest) => capabilities.transactions === true,
});

/** Promise 1, `transactional`. */
export const transactions: ScenarioGroup = {
  name: 'a transactional hand-off',
  scenarios: [
    onKafka({
      name: 'that cannot be made holds up its own lane and no other',
      run: async (world) => {
        const topic = await world.topic(2);
        const letters = await world.topic();
        const member = await world.joined({
          topics: [topic],
          ...transactional,
          exhausted: { action: 'dead-letter', topic: letters },
          topology: { create: 'never' },
          retry: { inPlace: { maxAttempts: 1 } },
          buffer: { records: MANY },
          handler,
        });
        const unblock = await world.cluster.blockWrites(letters);
        await world.write(topic, ...Array.from({ length: MANY }, (_, i) => `bad ${i}`));
        await member.untilTold('publishFailed', 2);
        await world.write(topic, { value: 'good', partition: 1 });
        await member.untilHandled('good');
        await world.untilCommitted(topic, 1, 1);
        await unblock();
        await world.untilCommitted(topic, MANY);
        expect(await world.observer.read(letters)).toHaveLength(MANY);
      },
    }),
    ...[1, 16].map((concurrency) =>
      onKafka({
        name: `writes each copy once, ${concurrency} at once, and its markers hold nothing up`,
        everyVersion: concurrency === 1,
        run: async (world) => {
          const topic = await world.topic(2);
          const written = names(60);
          await world.write(topic, ...written.map((value, i) => ({ partition: i % 2, value })));
          const member = await world.joined({ topics: [topic], ...transactional, concurrency, handler });
          for (const partition of [0, 1]) await world.untilCommitted(topic, 30, partition);
          await member.untilTold('handOff', 20);
          await member.untilTold('deadLetter', 20);
          await member.untilHandled(...written.filter((name) => !name.startsWith('bad')));
          await expectCopies(world, topic, written);
          // A log with transactions has markers.
          const { high } = await world.observer.range(world.ownTopic(topic, 'dlt'));
          expect(high).toBeGreaterThan(10);
          expect(member.attempts).toHaveLength(80);
          expect(member.consumer.explain()).toMatch(/producers: .*\n.* 10s/);
          await world.write(topic, 'bad late');
          await world.untilCommitted(topic, 31);
          await expectCopies(world, topic, [...written, 'bad late']);
        },
      }),
    ),
    onKafka({
      name: 'that the brokers refuse for good stops before its record, and commits nothing past it',
      run: async (world) => {
        const topic = await world.topic();
        const letters = await world.topic(1, { 'max.message.bytes': '3000' });
        const large = `bad ${dense(4_000)}`;
        await world.write(topic, 'good', 'bad 1', large, 'bad 2', 'good');
        const member = world.member({
          topics: [topic],
          handOff: 'transactional',
          exhausted: { action: 'dead-letter', topic: letters },
          handler,
        });
        await member.consumer.start().catch(() => {});
        await member.untilTold('stopped');
        expect(member.consumer.health()).toMatchObject({
          state: 'dead',
          error: { code: 'VELO_PUBLISH_REFUSED' },
        });
        expect((await world.observer.read(letters)).map(({ text }) => text)).toEqual(['bad 1']);
        expect(await world.committed(topic)).toBe(2);
      },
    }),
    onKafka({
      name: 'of many together gives the refused one up, where the configuration says so, and no other',
      run: async (world) => {
        const topic = await world.topic();
        const letters = await world.topic(1, { 'max.message.bytes': '20000' });
        const written = Array.from({ length: 30 }, (_, i) => `bad ${i}`);
        await world.write(topic, ...written.slice(0, 20), `bad ${dense(30_000)}`, ...written.slice(20));
        const member = await world.joined({
          topics: [topic],
          handOff: 'transactional',
          refused: 'skip',
          exhausted: { action: 'dead-letter', topic: letters },
          handler,
        });
        await world.untilCommitted(topic, 31);
        expect(member.told('skipped')).toHaveLength(1);
        expect((await world.observer.read(letters)).map(({ text }) => text)).toEqual(written);
      },
    }),
    onKafka({
      name: 'leaves each copy exactly once when its process is killed, at any moment',
      limit: 120_000,
      run: async (world) => {
        const topic = await world.topic(2);
        const written = names(600);
        await world.write(topic, ...written.map((value, i) => ({ partition: i % 2, value })));
        for (let kills = 0; kills < 6; kills++) {
          const killed = child(world, topic, 4);
          await killed.untilTold('attempt', 20);
          await sleep(Math.random() * 300);
          await killed.kill();
        }
        child(world, topic, 0);
        for (const partition of [0, 1]) await world.untilCommitted(topic, 300, partition);
        await expectCopies(world, topic, written);
      },
    }),
    onKafka({
      name: 'of a process that wakes after its partition has moved is none',
      limit: 120_000,
      run: async (world) => {
        const topic = await world.topic();
        const sleeper = child(world, topic, 5);
        const written: string[] = [];
        for (let rounds = 0; rounds < 3; rounds++) {
          const tried = sleeper.told('attempt').length;
          const more = names(201, written.length);
          await world.write(topic, ...more);
          written.push(...more);
          await sleeper.untilTold('attempt', tried + 20);
          await sleep(Math.random() * 200);
          sleeper.pause();
          const committed = await world.committed(topic);
          const other = await world.joined({
            topics: [topic],
            ...transactional,
            handler: async (record, context) => {
              await sleep(5);
              handler(record, context);
            },
          });
          await world.untilCommitted(topic, committed + 30);
          sleeper.wake();
          await sleep(500 + Math.random() * 500);
          await other.consumer.stop();
        }
        await world.untilCommitted(topic, written.length);
        await expectCopies(world, topic, written);
      },
    }),
    onKafka({
      name: 'of a member that has died blocks readers of committed records no longer than its timeout',
      limit: 60_000,
      run: async (world) => {
        const topic = await world.topic();
        const letters = world.ownTopic(topic, 'dlt');
        await world.write(topic, ...Array.from({ length: 3_000 }, (_, i) => `bad ${i}`));
        const dying = child(world, topic, 3);
        await dying.untilTold('attempt', 20);
        const written = await world.observer.follow(letters);
        /** `range` ends where the first open transaction begins. */
        const isOpen = async () => written.end > (await world.observer.range(letters)).high;
        try {
          await until('it stands still in a transaction', async () => {
            dying.pause();
            await sleep(100);
            if (await isOpen()) return true;
            dying.wake();
            await sleep(Math.random() * 50);
            return false;
          });
          await dying.kill();
          const since = Date.now();
          await world.write(letters, 'after');
          expect(await isOpen()).toBe(true);
          await until('readers see what follows', async () => !(await isOpen()), { limit: TIMEOUT + SLACK });
          expect((await world.observer.read(letters)).at(-1)?.text).toBe('after');
          expect(Date.now() - since).toBeLessThan(TIMEOUT + SLACK);
        } finally {
          await written.stop();
        }
      },
    }),
  ],
};
