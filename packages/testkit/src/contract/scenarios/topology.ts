// One file, since it is one group of scenarios: a list that is read from its top.
import { fixed, PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { startKafka } from '../../apache-kafka/start-kafka.js';
import { uniqueName } from '../../support/names.js';
import { GUEST } from '../harness/contract-cluster.js';
import { Observer } from '../harness/observer.js';
import { rejection } from '../harness/rejection.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const once = { maxAttempts: 1 } as const;

/** What a start waits for twenty new topics, ms: some 100, more where the machine is busy; 2,000 for each were 40,000. */
const FIRST_START_LIMIT = 5_000;

/** Promise 6. */
export const topology: ScenarioGroup = {
  name: 'velo’s own topics',
  scenarios: [
    {
      name: 'are made after their source: partitions, replication, min.insync, size, retention; never compacted',
      on: 'kafka',
      limit: 90_000,
      run: async (world) => {
        const { describesConfigs = true } = world.adapter.capabilities;
        // A broker's default would be 3 replicas, of which 2 must be in sync.
        await using kafka = await startKafka({
          nodes: 3,
          properties: { 'group.min.session.timeout.ms': 100 },
        });
        const observer = new Observer(kafka.brokers);
        try {
          await observer.connect();
          const topic = uniqueName('topic');
          const safe = {
            'min.insync.replicas': '1',
            'max.message.bytes': '500000',
            'cleanup.policy': 'compact',
          };
          await observer.createTopic(topic, 3, safe, 2);
          const { bootstrapServers, brokers } = kafka;
          const member = world.member(
            { topics: [topic], retry: { tiers: ['10m'] } },
            { bootstrapServers, brokers },
          );
          await member.consumer.start();
          const own = [world.ownTopic(topic, 'retry-10m'), world.ownTopic(topic, 'dlt')];
          for (const name of own) {
            expect(await observer.replicas(name)).toEqual([2, 2, 2]);
            expect(await observer.configs(name)).toMatchObject({
              'cleanup.policy': 'delete',
              ...(describesConfigs && { 'min.insync.replicas': '1', 'max.message.bytes': '104857600' }),
            });
          }
          const { 'retention.ms': retention } = await observer.configs(own[0] as string);
          expect(Number(retention)).toBe(600_000 + 7 * 86_400_000);
          await member.consumer.stop();
        } finally {
          await observer.disconnect();
        }
      },
    },
    {
      name: 'are made together: a first start waits no longer for twenty than for one',
      on: 'kafka',
      run: async (world) => {
        const topics = await Promise.all(Array.from({ length: 5 }, () => world.topic(2)));
        const member = await world.joined({ topics, retry: { tiers: ['1s', '1m', '1h'] } });
        const waited = member.told('wait').reduce((sum, { delay }) => sum + delay, 0);
        expect(waited).toBeLessThan(FIRST_START_LIMIT);
        for (const topic of topics) {
          for (const suffix of ['retry-1s', 'retry-1m', 'retry-1h', 'dlt'] as const)
            expect(await world.observer.partitions(world.ownTopic(topic, suffix))).toBe(2);
        }
      },
    },
    {
      name: 'that somebody else made so that they lose copies: a warning, and no start where velo is strict',
      on: 'kafka',
      needs: ({ capabilities }) => capabilities.describesConfigs !== false,
      run: async (world) => {
        const topic = await world.topic();
        const [tier, letters] = [world.ownTopic(topic, 'retry-20s'), world.ownTopic(topic, 'dlt')];
        await world.observer.createTopic(tier, 1, { 'retention.ms': '2000' });
        await world.observer.createTopic(letters, 1, { 'cleanup.policy': 'compact' });
        const warnings: string[] = [];
        const logger = { info() {}, warn: (text: string) => warnings.push(text), error() {} };
        const consumer = (strict: boolean) =>
          world.velo({ strict, logger }).consumer({
            groupId: world.groupId,
            topics: [topic],
            handler: () => {},
            retry: { tiers: ['20s'] },
            client: world.adapter.client.quick,
          });
        const error = await rejection(consumer(true).start());
        expect(error).toMatchObject({ code: 'VELO_TOPOLOGY' });
        const lenient = consumer(false);
        await lenient.start();
        const { text: required } = await lenient.requirements();
        for (const text of [String(error), warnings.join(), lenient.explain(), required]) {
          expect(text).toContain(`${tier} has retention.ms 2000`);
          expect(text).toContain(`${letters} has cleanup.policy compact`);
        }
        await lenient.stop();
      },
    },
    {
      name: 'are two groups’ own, also where the groups differ in a dot alone, which Kafka takes for an underscore',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'never');
        for (const groupId of [`${world.groupId}.v1`, `${world.groupId}_v1`]) {
          const handler = () => {
            throw new PermanentError('never');
          };
          const member = await world.joined({ groupId, topics: [topic], retry: { tiers: [200] }, handler });
          await member.untilTold('deadLetter');
        }
      },
    },
    {
      name: 'whose name collides with a topic that is there keep the consumer from starting: both are named',
      run: async (world) => {
        const [topic, letters] = [await world.topic(), await world.topic()];
        const member = world.member({
          topics: [topic],
          exhausted: { action: 'dead-letter', topic: letters.replace('_', '.') },
          waitForTopics: '1h',
        });
        const error = await rejection(member.consumer.start());
        expect(error).toMatchObject({ code: 'VELO_TOPOLOGY' });
        expect(String(error)).toContain(`${letters.replace('_', '.')} collides with ${letters}`);
      },
    },
    {
      name: 'are made by members that start at once: neither minds the other',
      on: 'kafka',
      several: true,
      run: async (world) => {
        const topic = await world.topic(3);
        const tiers = [200, 300, 400, 500];
        const members = [1, 2, 3].map(() => world.member({ topics: [topic], retry: { tiers } }));
        await Promise.all(members.map(({ consumer }) => consumer.start()));
        for (const wait of tiers)
          expect(await world.observer.partitions(world.ownTopic(topic, `retry-${wait}ms`))).toBe(3);
        for (const member of members) expect(member.consumer.health().state).toBe('running');
      },
    },
    {
      name: 'that brokers refuse to make keep the consumer from starting: it names the command and the reason',
      everyVersion: true,
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(2);
        const letters = world.ownTopic(topic, 'dlt');
        await world.observer.grant(GUEST.username, [
          { resource: 'topic', name: topic, pattern: 'literal', operations: ['Read'] },
          { resource: 'topic', name: letters, pattern: 'literal', operations: ['Write'] },
          { resource: 'group', name: world.groupId, pattern: 'literal', operations: ['Read'] },
        ]);
        const cases = [
          { address: world.cluster.saslAddress(GUEST), reason: /authoriz|permission/i },
          { topology: { replicationFactor: 5 }, reason: /replication/i },
          { topology: { configs: { 'retention.ms': 'long' } }, reason: /config/i },
        ];
        for (const { address, topology = {}, reason } of cases) {
          const member = world.member({ topics: [topic], topology }, address);
          const error = await rejection(member.consumer.start());
          expect(error).toMatchObject({ code: 'VELO_TOPOLOGY' });
          expect(String(error)).toContain(`--create --if-not-exists --topic ${letters} --partitions 2`);
          expect(String(error)).toMatch(reason);
          expect(member.consumer.health().state).toBe('dead');
        }
      },
    },
    {
      name: 'that a broker refuses to make are waited for, where the configuration gives somebody time to make them',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(2);
        const letters = world.ownTopic(topic, 'dlt');
        await world.observer.grant(GUEST.username, [
          { resource: 'topic', name: topic, pattern: 'literal', operations: ['Read'] },
          { resource: 'topic', name: letters, pattern: 'literal', operations: ['Write'] },
          { resource: 'group', name: world.groupId, pattern: 'literal', operations: ['Read'] },
        ]);
        const member = world.member(
          { topics: [topic], waitForTopics: '20s' },
          world.cluster.saslAddress(GUEST),
        );
        const starting = member.consumer.start();
        starting.catch(() => {});
        await member.untilTold('wait');
        await world.observer.createTopic(letters, 2);
        await starting;
        expect(member.consumer.health().state).toBe('running');
      },
    },
    {
      name: 'grow with their source before the first copy from a new partition',
      everyVersion: true,
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic(1);
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: once, tiers: [200] },
          handler: () => {
            throw new Error('down');
          },
        });
        await world.observer.growTopic(topic, 3);
        for (const partition of [0, 1, 2]) await world.write(topic, { value: `p${partition}`, partition });
        await member.untilTold('deadLetter', 3);
        for (const suffix of ['retry-200ms', 'dlt'] as const) {
          const copies = await world.observer.read(world.ownTopic(topic, suffix));
          expect(copies.map(({ text, partition }) => [text, partition])).toEqual([
            ['p0', 0],
            ['p1', 1],
            ['p2', 2],
          ]);
        }
        expect(member.told('publishRefused')).toEqual([]);
      },
    },
    {
      name: 'of two configurations in a rolling deploy lose nothing: what waits in tiers that were taken out is drained',
      on: 'kafka',
      limit: 90_000,
      run: async (world) => {
        const topic = await world.topic(2);
        const done = new Set<string | null>();
        // Each record fails in the source and in its first tier, and passes in the next.
        const config = (tiers: readonly number[]) => ({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1, strategy: fixed(1) }, tiers },
          handler: (record: Parameters<typeof textOf>[0], { tier }: { readonly tier: number }) => {
            if (tier < 2) throw new Error('not yet');
            done.add(textOf(record));
          },
        });
        const [before, after] = [config([300, 2_500]), config([700, 4_000])];
        const values: string[] = [];
        const write = async (count: number) => {
          const fresh = Array.from({ length: count }, (_, i) => `r${values.length + i}`);
          values.push(...fresh);
          await world.write(topic, ...fresh.map((value, i) => ({ value, partition: i % 2 })));
        };
        await write(20);
        const old = [world.member(before), world.member(before)];
        for (const { consumer } of old) await consumer.start();
        await write(20);
        await old[0]?.untilTold('handOff');
        // One after the other, while records wait in tiers of the old configuration.
        const fresh = [world.member(after), world.member(after)];
        for (const [i, member] of fresh.entries()) {
          await member.consumer.start();
          await write(20);
          await old[i]?.consumer.stop();
          await write(20);
        }
        const last = fresh[1];
        await last?.until('all are done', () => values.every((value) => done.has(value)), 60_000);
        for (const wait of [300, 2_500] as const) {
          const tier = world.ownTopic(topic, `retry-${wait === 300 ? '300ms' : '2500ms'}`);
          for (const partition of [0, 1]) {
            const { high } = await world.observer.range(tier, partition);
            if (high > 0) await world.untilCommitted(tier, high, partition);
          }
          expect(last?.consumer.explain()).toContain(tier);
        }
        expect(await world.observer.read(world.ownTopic(topic, 'dlt'))).toEqual([]);
      },
    },
  ],
};
