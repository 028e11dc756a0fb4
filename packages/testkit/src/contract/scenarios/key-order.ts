import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { type MemberConfig, textOf } from '../harness/world.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

/** A letter, and the partition. */
const KEYS = [0, 1, 2, 3].flatMap((partition) => ['x', 'y'].map((letter) => `${letter}${partition}`));
const HAND_OFFS = ['at-least-once', 'transactional'] as const;
/** Of the tier, ms. */
const WAIT = 2_000;

/** How often records of these numbers fail. The later ones come behind the first one in its last tier, and are tried there twice. */
const FAILS: Readonly<Record<string, number>> = { 1: 2, 4: 1 };

/** Values are a key and a number; those of `fails` fail so often, or for good. */
function keyed(
  topic: string,
  fails: Readonly<Record<string, number | 'for good'>>,
  config: Partial<MemberConfig> = {},
): MemberConfig {
  const tried = new Map<string, number>();
  return {
    topics: [topic],
    concurrency: 4,
    retry: { keepKeyOrder: true, tiers: [WAIT, WAIT], inPlace: { maxAttempts: 1 } },
    handler: (record) => {
      const value = textOf(record) ?? '';
      const count = (tried.get(value) ?? 0) + 1;
      tried.set(value, count);
      const fate = fails[value] ?? 0;
      if (fate === 'for good') throw new PermanentError(value);
      if (count <= fate) throw new Error(`${value} for the ${count}. time`);
    },
    ...config,
  };
}

const records = (values: string) =>
  values.split(' ').map((value) => ({ key: value[0] as string, value, partition: 0 }));

/** Handled, or given up, by key. */
const ofKey = (values: readonly (string | null)[], key: string) =>
  values.filter((value) => value?.startsWith(key));

function passing(handOff: (typeof HAND_OFFS)[number]): Scenario {
  return {
    name: `waits behind one of its key in a tier, untried, and others pass: ${handOff}`,
    ...(handOff === 'transactional' && { on: 'kafka' as const }),
    run: async (world) => {
      const topic = await world.topic();
      await world.write(topic, ...records('a1 b1 a2 c1 a3 b2 c2 a4'));
      const member = await world.joined(keyed(topic, { a1: 2, a3: 'for good', b1: 'for good' }, { handOff }));
      await world.untilCommitted(topic, 8);
      await member.until('those of key a wait', () => member.told('followed').length >= 3);
      expect(member.consumer.health()).toMatchObject({ waitingKeys: 1, followers: 3 });
      await member.until('a4 is handled', () => member.handled.includes('a4'));
      expect(ofKey(member.tried, 'a')).toEqual(['a1', 'a1', 'a1', 'a2', 'a3', 'a4']);
      expect(ofKey(member.handled, 'b')).toEqual(['b2']);
      expect(member.handled.indexOf('c2')).toBeLessThan(member.handled.indexOf('a1'));
      // Nothing waits any more: what comes now is tried at once.
      await member.until('nothing waits', () => member.consumer.health().waitingKeys === 0);
      await world.write(topic, ...records('a5'));
      await member.until('a5 is handled', () => member.handled.includes('a5'));
      expect(
        ofKey(
          member.told('followed').map(({ record }) => textOf(record)),
          'a5',
        ),
      ).toEqual([]);
    },
  };
}

function killed(handOff: (typeof HAND_OFFS)[number]): Scenario {
  return {
    name: `keeps its place when the member that has put it in a tier is gone: ${handOff}`,
    ...(handOff === 'transactional' && { on: 'kafka' as const }),
    run: async (world) => {
      const topic = await world.topic();
      await world.write(topic, ...records('a1 a2 b1'));
      const first = await world.joined(keyed(topic, { a1: 9 }, { handOff }));
      await first.until('a2 waits behind a1', () => first.told('followed').length > 0);
      await world.untilCommitted(topic, 3);
      await first.consumer.stop();
      await world.write(topic, ...records('a3 b2 a4'));
      const next = await world.joined(keyed(topic, {}, { handOff }));
      await next.until('all are handled', () => next.handled.includes('a4'));
      expect(ofKey(next.tried, 'a')).toEqual(['a1', 'a2', 'a3', 'a4']);
      expect(next.handled.indexOf('b2')).toBeLessThan(next.handled.indexOf('a3'));
    },
  };
}

/** Promise 11. */
export const keyOrder: ScenarioGroup = {
  name: 'with keepKeyOrder a record',
  scenarios: [
    ...HAND_OFFS.map(passing),
    ...HAND_OFFS.map(killed),
    {
      name: 'keeps its place while members come and go',
      // The embedded broker refuses some of several members.
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(4);
        const values = ['1', '2', '3', '4', '5', '6'];
        const write = (numbers: readonly string[]) =>
          world.write(
            topic,
            ...numbers.flatMap((number) =>
              KEYS.map((key) => ({ partition: Number(key[1]), key, value: `${key} ${number}` })),
            ),
          );
        const tried = new Map<string, number>();
        const ended: string[] = [];
        const config = keyed(
          topic,
          {},
          {
            handler: async (record) => {
              const value = textOf(record) ?? '';
              const count = (tried.get(value) ?? 0) + 1;
              tried.set(value, count);
              await sleep(20);
              if (count <= (FAILS[value.slice(-1)] ?? 0)) throw new Error(`${value} for the ${count}. time`);
              ended.push(value);
            },
          },
        );
        await write(values.slice(0, 3));
        const first = await world.joined(config);
        const second = await world.joined(config);
        await write(values.slice(3));
        await sleep(WAIT);
        await first.consumer.stop();
        await world.joined(config);
        await second.until('all are handled', () => new Set(ended).size === 48);
        for (const key of KEYS) {
          const firsts = [...new Set(ended)].filter((value) => value.startsWith(key));
          expect(firsts).toEqual(values.map((number) => `${key} ${number}`));
        }
      },
    },
    {
      name: 'is not handled where its source and its tiers are with different members, and somebody is told',
      several: true,
      needs: ({ capabilities }) => capabilities.scatters !== undefined,
      run: async (world) => {
        const topic = await world.topic(3);
        const client = { ...world.adapter.client.quick, ...world.adapter.capabilities.scatters };
        const config = keyed(topic, {}, { client });
        const members = [await world.joined(config), await world.joined(config)];
        await world.write(topic, ...records('a1'));
        for (const member of members)
          await member.until(
            'its partitions are scattered',
            () => member.consumer.health().scattered.length > 0,
          );
        await sleep(500);
        expect(members.flatMap(({ handled }) => handled)).toEqual([]);
        expect(members[0]?.told('scattered').at(-1)?.explanation).toContain('Nothing is lost');
        await members[1]?.consumer.stop();
        await members[0]?.until('a1 is handled', () => members[0]?.handled.includes('a1') === true);
      },
    },
  ],
};
