// One file, since it is one group of scenarios: a list that is read from its top.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetters, DeadLettersConfig, RequiredAcl } from '@velo/engine';
import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import type { AdapterUnderTest } from '../adapter.js';
import type { Child } from '../harness/child.js';
import { GUEST } from '../harness/contract-cluster.js';
import { dense } from '../harness/dense.js';
import { hastyClock } from '../harness/hasty-clock.js';
import type { WrittenRecord } from '../harness/observer.js';
import { textOf, type World } from '../harness/world.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

type HandOff = 'at-least-once' | 'transactional';

/** Of one batch: what may be copied twice for each crash, at least once. */
const BATCH = 500;
const MANY = 10_000;
/** Copies a second of a process that is to be killed: none may come to its end before. */
const RATE = 600;
const TIER = 'retry-200ms';
/** Each call joins a group. In ms. */
const LIMIT = 90_000;

/** The embedded broker keeps no transactions. */
const handOffOf = ({ cluster, adapter }: World): HandOff =>
  cluster.kind === 'kafka' && adapter.capabilities.transactions ? 'transactional' : 'at-least-once';

function lettersOf(world: World, topic: string, config: Partial<DeadLettersConfig> = {}): DeadLetters {
  return world.velo().deadLetters({
    groupId: world.groupId,
    topics: [topic],
    handOff: handOffOf(world),
    client: world.adapter.client.quick,
    ...config,
  });
}

/** A dead letter of the scenario's group, as velo writes it. */
function dead(
  { groupId }: World,
  source: string,
  offset: number,
  rest: Partial<WrittenRecord> = {},
): WrittenRecord {
  const { headers = [], ...others } = rest;
  const own = {
    'velo-version': '1',
    'velo-group': groupId,
    'velo-attempt': '3',
    'velo-original-topic': source,
    'velo-original-partition': String(rest.partition ?? 0),
    'velo-original-offset': String(offset),
    'velo-original-timestamp': '1700000000000',
    'velo-error-class': 'Error',
    'velo-error-category': 'Unknown',
    'velo-error-message': `no order ${offset}`,
    'velo-reason': 'exhausted',
  };
  return { value: `v${offset}`, ...others, headers: [...headers, ...Object.entries(own)] };
}

async function writeMany(world: World, source: string, count: number, partitions: number): Promise<void> {
  for (let at = 0; at < count; at += 1_000)
    await world.write(
      world.ownTopic(source, 'dlt'),
      ...Array.from({ length: Math.min(1_000, count - at) }, (_, i) =>
        dead(world, source, at + i, { partition: (at + i) % partitions }),
      ),
    );
}

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
}

function child(world: World, topic: string, handOff: HandOff): Child {
  const { groupId, adapter } = world;
  const config = { groupId, topics: [topic], handOff, client: adapter.client.quick };
  return world.child({ kind: 'replay', config, perSecond: RATE });
}

const transactional = ({ capabilities }: AdapterUnderTest) => capabilities.transactions === true;

const killed = (handOff: HandOff): Scenario => ({
  name: `are each sent back once though five processes are killed at it: ${handOff}`,
  on: 'kafka',
  needs: (adapter) => handOff === 'at-least-once' || transactional(adapter),
  limit: 240_000,
  run: async (world) => {
    const topic = await world.topic(2);
    await world.observer.createTopic(world.ownTopic(topic, 'dlt'), 2);
    await world.observer.createTopic(world.ownTopic(topic, TIER), 2);
    await writeMany(world, topic, MANY, 2);
    const kills = 5;
    for (let kill = 0; kill < kills; kill++) {
      const dying = child(world, topic, handOff);
      await dying.until(
        'it replays',
        () => dying.told('replaying').some(({ replayed }) => replayed > 0),
        LIMIT,
      );
      await sleep(Math.random() * 200);
      await dying.kill();
      expect(dying.told('replayed'), 'it was killed before its end').toEqual([]);
    }
    const last = child(world, topic, handOff);
    await last.until('it has replayed the rest', () => last.told('replayed').length > 0, LIMIT);
    await last.until('it has ended by itself', () => last.ended !== undefined);
    expect(last.ended).toBe(0);
    const copies = (await world.observer.read(world.ownTopic(topic, TIER))).map(({ text }) => text);
    expect(new Set(copies).size).toBe(MANY);
    expect(copies.length - MANY).toBeLessThanOrEqual(handOff === 'transactional' ? 0 : kills * BATCH);
    expect(await lettersOf(world, topic).replay()).toMatchObject({ replayed: 0 });
  },
});

/** Promise 17, the side of whoever replays. */
export const deadLetters: ScenarioGroup = {
  name: 'dead letters',
  scenarios: [
    {
      name: 'go back to the first tier of their group alone, as they were, and are handled as the same record',
      limit: LIMIT,
      everyVersion: true,
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, {
          partition: 1,
          key: 'key',
          value: 'broken',
          headers: [
            ['twice', 'a'],
            ['twice', 'b'],
          ],
        });
        let isBroken = true;
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: ['300ms', '10s'] },
          handler: () => {
            if (isBroken) throw new PermanentError('no 17 of "it"');
          },
        });
        await member.untilTold('deadLetter');
        isBroken = false;
        const others: (string | null)[] = [];
        const other = world.velo().consumer({
          groupId: `${world.groupId}.other`,
          topics: [topic],
          startFrom: 'earliest',
          client: world.adapter.client.quick,
          handler: (record) => void others.push(textOf(record)),
        });
        await other.start();
        const letters = lettersOf(world, topic);
        const [letter] = await all(letters.list());
        expect(letter).toMatchObject({
          partition: 1,
          offset: '0',
          status: 'open',
          source: topic,
          replays: 0,
        });
        expect(letter?.info).toMatchObject({ reason: 'permanent', group: world.groupId });
        expect((await letters.summary()).topics).toMatchObject([
          { open: 1, groups: [{ count: 1, fingerprint: letter?.fingerprint }] },
        ]);
        const { otherReaders } = await letters.replay({ to: 'source', dryRun: true });
        // Not every client can ask, nor every broker answer.
        const readers = [`${world.groupId}.other`];
        expect(otherReaders?.groups ?? readers).toEqual(readers);
        const result = await letters.replay({ filter: { fingerprint: letter?.fingerprint } });
        expect(result).toMatchObject({
          replayed: 1,
          refused: 0,
          passedOver: 0,
          targets: { [world.ownTopic(topic, 'retry-300ms')]: 1 },
        });
        await member.until('it is handled', () => member.attempts.length >= 2);
        const { record, context } = member.attempts[1] as (typeof member.attempts)[number];
        expect(context).toMatchObject({ id: `${topic}/1/0`, attempt: 1, totalAttempts: 1, tier: 1 });
        expect(record.key?.toString()).toBe('key');
        expect(record.partition).toBe(1);
        expect(record.headers.all('twice').map(String)).toEqual(['a', 'b']);
        expect(record.headers.get('velo-replays')?.toString()).toBe('1');
        expect(record.headers.get('velo-error-message')).toBeUndefined();
        expect(await letters.replay()).toMatchObject({ replayed: 0 });
        expect((await letters.history(`1:0`)).events).toMatchObject([
          { action: 'replayed', run: result.run },
        ]);
        expect(others).toEqual(['broken']);
        await letters.close();
      },
    },
    {
      name: 'go to a replay topic where their group has no tiers, one first, and the rest once it was handled',
      limit: LIMIT,
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, ...['a', 'b', 'c']);
        let isBroken = true;
        const config = {
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 } },
          handler: () => {
            if (isBroken) throw new Error('still down');
          },
        };
        const member = world.member(config, undefined, { clock: hastyClock });
        await member.consumer.start();
        await member.untilTold('deadLetter', 3);
        const letters = lettersOf(world, topic);
        const again = await letters.replay({ canary: true });
        expect(again).toMatchObject({ replayed: 1, stopped: 'canary', canary: { outcome: 'dead-again' } });
        expect(again.canary?.again?.info?.error.message).toBe('still down');
        expect((await letters.summary()).open).toBe(3);
        isBroken = false;
        const result = await letters.replay({ canary: { timeout: '30s' } });
        expect(result).toMatchObject({ replayed: 3, canary: { outcome: 'handled' }, stopped: undefined });
        await member.until('all are handled', () => member.told('success').length >= 3);
        expect((await letters.summary()).open).toBe(0);
      },
    },
    {
      name: 'that were replayed too often, or are filtered out, stay; those that are discarded do not come back',
      limit: LIMIT,
      run: async (world) => {
        const topic = await world.topic();
        const dlt = world.ownTopic(topic, 'dlt');
        await world.observer.createTopic(dlt, 1);
        await world.observer.createTopic(world.ownTopic(topic, TIER), 1);
        await world.write(
          dlt,
          dead(world, topic, 1, { headers: [['velo-replays', '3']] }),
          dead(world, topic, 2, { key: 'alice' }),
          dead(world, topic, 3, { key: 'bob', headers: [['tenant', 'x']] }),
          dead({ groupId: 'another' } as World, topic, 4),
        );
        const letters = lettersOf(world, topic);
        expect(await letters.replay({ dryRun: true })).toMatchObject({
          dryRun: true,
          replayed: 2,
          passedOver: 1,
          passedOverBy: { 'max-replays': 1 },
        });
        expect(await letters.replay({ filter: { header: 'tenant=x' } })).toMatchObject({ replayed: 1 });
        expect(await letters.discard({ filter: { key: 'alice' }, note: 'seen' })).toMatchObject({
          discarded: 1,
        });
        expect(await letters.replay()).toMatchObject({ replayed: 0, passedOver: 1 });
        expect((await letters.history('0:1')).events).toMatchObject([{ action: 'discarded', note: 'seen' }]);
        const listed = await all(letters.list({ status: 'all' }));
        expect(listed.map(({ status }) => status)).toEqual(['open', 'discarded', 'replayed']);
        expect(await letters.replay({ maxReplays: 5 })).toMatchObject({ replayed: 1 });
        const copies = await world.observer.read(world.ownTopic(topic, TIER));
        expect(copies.map(({ text, headers }) => [text, headers['velo-replays']])).toEqual([
          ['v3', '1'],
          ['v1', '4'],
        ]);
      },
    },
    {
      name: 'of hostile bytes are counted, shown within bounds, and come back byte for byte',
      limit: LIMIT,
      run: async (world) => {
        const topic = await world.topic();
        const dlt = world.ownTopic(topic, 'dlt');
        await world.observer.createTopic(dlt, 1);
        await world.observer.createTopic(world.ownTopic(topic, TIER), 1);
        const headers = Array.from({ length: 1_000 }, (_, i) => [`h${i}`, 'x'.repeat(250)] as const);
        await world.write(
          dlt,
          { value: 'no headers at all' },
          { value: null, headers: [['velo-original-topic', '\u001b[2J/../x']] },
          dead(world, topic, 7, {
            value: Buffer.from([0, 255, 27]),
            headers: [
              ['velo-error-message', '\u001b]0;owned\u0007'],
              ['velo-original-partition', '99999999999'],
              ...headers,
            ],
          }),
        );
        const letters = lettersOf(world, topic);
        const listed = await all(letters.list());
        expect(listed.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
        expect(JSON.stringify(listed.map(({ info }) => info))).not.toMatch(/\\u001b|\\u0007/);
        expect(await letters.replay()).toMatchObject({ replayed: 3, refused: 0 });
        const copies = await world.observer.read(world.ownTopic(topic, TIER));
        expect(copies.map(({ value }) => value)).toEqual([
          Buffer.from('no headers at all'),
          null,
          Buffer.from([0, 255, 27]),
        ]);
        expect(Object.keys(copies[2]?.rawHeaders ?? {}).filter((name) => /^h\d/.test(name))).toHaveLength(
          1_000,
        );
      },
    },
    killed('transactional'),
    killed('at-least-once'),
    {
      name: 'are shared by several that replay at once, and none goes twice',
      on: 'kafka',
      needs: transactional,
      limit: 2 * LIMIT,
      run: async (world) => {
        const topic = await world.topic(4);
        await world.observer.createTopic(world.ownTopic(topic, 'dlt'), 4);
        await world.observer.createTopic(world.ownTopic(topic, TIER), 4);
        await writeMany(world, topic, 4_000, 4);
        const runs = [0, 300, 1_500].map(async (after) => {
          await sleep(after);
          return lettersOf(world, topic).replay({ perSecond: 1_000 });
        });
        const results = await Promise.all(runs);
        expect(results.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(4_000);
        const copies = (await world.observer.read(world.ownTopic(topic, TIER))).map(({ text }) => text);
        expect(new Set(copies).size).toBe(4_000);
        expect(copies).toHaveLength(4_000);
      },
    },
    {
      name: 'that no topic takes stay open, with the reason, and hold no others up',
      limit: LIMIT,
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const dlt = world.ownTopic(topic, 'dlt');
        await world.observer.createTopic(dlt, 1);
        await world.observer.createTopic(world.ownTopic(topic, TIER), 1, { 'max.message.bytes': '3000' });
        await world.write(
          dlt,
          ...[1, 2, 3].map((offset) => dead(world, topic, offset)),
          dead(world, topic, 4, { value: dense(20_000) }),
          ...[5, 6].map((offset) => dead(world, topic, offset)),
        );
        const letters = lettersOf(world, topic);
        const result = await letters.replay();
        expect(result).toMatchObject({
          replayed: 5,
          refused: 1,
          refusals: [{ count: 1, example: `${dlt}:0:3` }],
        });
        expect((await letters.summary()).open).toBe(1);
        expect(await letters.history('0:3')).toMatchObject({
          status: 'open',
          events: [{ action: 'refused' }],
        });
        await world.observer.setConfigs(world.ownTopic(topic, TIER), { 'max.message.bytes': '1000000' });
        expect(await letters.replay()).toMatchObject({ replayed: 1, refused: 0 });
        const copies = await world.observer.read(world.ownTopic(topic, TIER));
        expect(copies).toHaveLength(6);
      },
    },
    {
      name: 'tell which right is missing, and stay open without it',
      on: 'kafka',
      needs: transactional,
      limit: 3 * LIMIT,
      run: async (world) => {
        const { observer, groupId } = world;
        const topic = await world.topic();
        const [dlt, tier] = [world.ownTopic(topic, 'dlt'), world.ownTopic(topic, TIER)];
        await observer.createTopic(dlt, 1);
        await observer.createTopic(tier, 1);
        await world.write(dlt, dead(world, topic, 1));
        const workers = `${groupId}-dead-letters`;
        // librdkafka does not tell which topic has ended a transaction.
        const handOff = world.adapter.capabilities.transactsByMember ? 'at-least-once' : 'transactional';
        const right = (
          resource: RequiredAcl['resource'],
          name: string,
          operations: RequiredAcl['operations'],
          pattern: RequiredAcl['pattern'] = 'literal',
        ): RequiredAcl => ({ resource, name, pattern, operations });
        const acls = [
          right('topic', topic, ['Describe']),
          right('topic', dlt, ['Read']),
          right('topic', tier, ['Write', 'Describe']),
          right('topic', `${dlt}-ledger`, ['Read', 'Write', 'Create']),
          right('group', groupId, ['Describe']),
          right('group', workers, ['Read'], 'prefixed'),
          right('transactional-id', `velo/${workers}/`, ['Write', 'Describe'], 'prefixed'),
        ];
        await observer.grant(GUEST.username, acls);
        const replay = () =>
          world
            .velo({}, world.cluster.saslAddress(GUEST))
            .deadLetters({ groupId, topics: [topic], handOff, client: world.adapter.client.quick })
            .replay();
        const failures: [RequiredAcl, RegExp][] = [
          [right('topic', dlt, ['Read']), /authori[sz]/i],
          [right('topic', `${dlt}-ledger`, ['Write']), /authori[sz]/i],
          [right('group', workers, ['Read'], 'prefixed'), /authori[sz]/i],
        ];
        if (handOff === 'transactional')
          failures.push([
            right('transactional-id', `velo/${workers}/`, ['Write'], 'prefixed'),
            /authori[sz]/i,
          ]);
        // The ledger is made by the first that has the right to.
        const ledgerless = right('topic', `${dlt}-ledger`, ['Create']);
        await observer.revoke(GUEST.username, ledgerless);
        await expect(replay()).rejects.toMatchObject({ code: 'VELO_TOPOLOGY' });
        await observer.grant(GUEST.username, [ledgerless]);
        for (const [missing, words] of failures) {
          await observer.revoke(GUEST.username, missing);
          await expect(replay(), JSON.stringify(missing)).rejects.toThrow(words);
          await observer.grant(GUEST.username, [missing]);
        }
        await observer.revoke(GUEST.username, right('topic', tier, ['Write']));
        expect(await replay()).toMatchObject({ replayed: 0, refused: 1, refusals: [{ topic: tier }] });
        await observer.grant(GUEST.username, [right('topic', tier, ['Write'])]);
        expect(await replay()).toMatchObject({ replayed: 1, refused: 0 });
        expect(await observer.read(tier)).toHaveLength(1);
      },
    },
    {
      name: 'whose topic is deleted while they are replayed end the replay, and no other topic suffers',
      on: 'kafka',
      limit: LIMIT,
      run: async (world) => {
        await world.ownObserver();
        const [topic, other] = [await world.topic(), await world.topic()];
        for (const source of [topic, other]) {
          await world.observer.createTopic(world.ownTopic(source, 'dlt'), 1);
          await world.observer.createTopic(world.ownTopic(source, TIER), 1);
          await writeMany(world, source, 1_000, 1);
        }
        let isDeleted = false;
        const result = await lettersOf(world, topic, { topics: [topic, other] }).replay({
          perSecond: 200,
          onProgress: ({ replayed }) => {
            if (replayed < 100 || isDeleted) return;
            isDeleted = true;
            void world.observer.deleteTopic(world.ownTopic(topic, 'dlt'));
          },
        });
        expect(result.replayed).toBeGreaterThanOrEqual(1_000);
        const copies = (await world.observer.read(world.ownTopic(other, TIER))).map(({ text }) => text);
        expect(new Set(copies).size).toBe(1_000);
        expect(copies).toHaveLength(1_000);
      },
    },
  ],
};
