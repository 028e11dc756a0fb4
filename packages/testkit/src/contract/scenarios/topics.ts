import type { RequiredAcl } from '@velo/engine';
import { expect } from 'vitest';
import { LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED } from '../../support/broker-codes.js';
import { uniqueName } from '../../support/names.js';
import { freePorts } from '../../support/ports.js';
import { sleep } from '../../support/until.js';
import type { ClusterAddress } from '../adapter.js';
import { GUEST } from '../harness/contract-cluster.js';
import { rejection } from '../harness/rejection.js';
import type { ScenarioGroup } from '../scenario.js';

/** Where 300 ms are given, and as long again for a last look; a busy machine is given the rest. In ms. */
const UNREACHABLE_LIMIT = 1_500;

/** Where no broker is. */
async function nobody(): Promise<ClusterAddress> {
  const [port] = await freePorts(1);
  return { bootstrapServers: `127.0.0.1:${port}`, brokers: [`127.0.0.1:${port}`] };
}

const readingOf = (topic: string): RequiredAcl => ({
  resource: 'topic',
  name: topic,
  pattern: 'literal',
  operations: ['Read', 'Describe'],
});

export const topics: ScenarioGroup = {
  name: 'waitForTopic',
  scenarios: [
    {
      name: 'resolves for a topic that is there',
      run: async (world) => {
        await world.velo().waitForTopic(await world.topic());
      },
    },
    {
      name: 'looks once unless told to wait; a missing topic is told as such, and is not created by being asked for',
      run: async (world) => {
        const topic = uniqueName('missing');
        const error = await rejection(world.velo().waitForTopic(topic));
        expect(error).toMatchObject({ code: 'VELO_TOPIC_MISSING' });
        expect(String(error)).toContain(topic);
        expect(await world.observer.exists(topic)).toBe(false);
      },
    },
    {
      name: 'resolves when a missing topic appears, and says meanwhile what is missing',
      run: async (world) => {
        const topic = uniqueName('late');
        const waits: string[] = [];
        const velo = world.velo({
          properties: { 'topic.retry.strategy': 'fixed', 'topic.retry.interval': '100ms' },
        });
        const waiting = velo.waitForTopic(topic, {
          timeout: '20s',
          onWait: ({ explanation }) => waits.push(explanation),
        });
        await sleep(400);
        await world.observer.createTopic(topic, 1);
        await waiting;
        expect(waits.length).toBeGreaterThan(0);
        expect(waits[0]).toContain(topic);
      },
    },
    {
      name: 'tells a topic without a leader apart: it is waited for, and is not called missing',
      on: 'embedded',
      run: async (world) => {
        const topic = await world.topic();
        world.cluster.embedded.setTopicError(topic, LEADER_NOT_AVAILABLE);
        const velo = world.velo();
        const error = await rejection(velo.waitForTopic(topic, { timeout: '1s' }));
        expect(error).toMatchObject({ code: 'VELO_TIMEOUT' });
        expect(String(error)).toMatch(/leader/i);
        const waiting = velo.waitForTopic(topic, { timeout: '20s' });
        await sleep(100);
        world.cluster.embedded.setTopicError(topic, 0);
        await waiting;
      },
    },
    {
      name: 'tells one that may not be seen apart: it throws at once, however long it may wait',
      on: 'embedded',
      run: async (world) => {
        const topic = await world.topic();
        world.cluster.embedded.setTopicError(topic, TOPIC_AUTHORIZATION_FAILED);
        const error = await rejection(world.velo().waitForTopic(topic, { timeout: '1h' }));
        expect(error).toMatchObject({ code: 'VELO_CLIENT' });
        expect(String(error)).toMatch(/authoriz|permission|ACL/i);
      },
    },
    {
      name: 'tells a user without permission, and one with a wrong password, apart at once',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const errors: unknown[] = [];
        for (const user of [GUEST, { ...GUEST, password: 'wrong' }]) {
          const velo = world.velo({}, world.cluster.saslAddress(user));
          errors.push(await rejection(velo.waitForTopic(topic, { timeout: '1h' })));
        }
        expect(errors).toMatchObject([{ code: 'VELO_CLIENT' }, { code: 'VELO_CLIENT' }]);
        expect(String(errors[0])).toMatch(/authoriz|permission|ACL/i);
        expect(String(errors[1])).toMatch(/authenticat|password|credential/i);
        await world.observer.grant(GUEST.username, [readingOf(topic)]);
        await world.velo({}, world.cluster.saslAddress(GUEST)).waitForTopic(topic, { timeout: '10s' });
      },
    },
    {
      name: 'tells brokers that cannot be reached apart, within its timeout',
      on: 'embedded',
      limit: 60_000,
      run: async (world) => {
        const address = await nobody();
        const begin = Date.now();
        const error = await rejection(world.velo({}, address).waitForTopic('any', { timeout: 300 }));
        expect(Date.now() - begin).toBeLessThan(UNREACHABLE_LIMIT);
        expect(error).toMatchObject({ code: 'VELO_TIMEOUT' });
        expect(String(error)).toMatch(/reach|connect|network|broker/i);
      },
    },
    {
      name: 'tells brokers that cannot be reached by a producer’s connect, within its timeout',
      on: 'embedded',
      limit: 60_000,
      run: async (world) => {
        const address = await nobody();
        const begin = Date.now();
        const producer = world.velo({}, address).producer({ timeout: 300 });
        expect(await rejection(producer.connect())).toMatchObject({ code: 'VELO_TIMEOUT' });
        expect(Date.now() - begin).toBeLessThan(UNREACHABLE_LIMIT);
        await world.velo().producer().connect();
      },
    },
    {
      name: 'ensureTopics creates what is missing, and leaves the rest as it is',
      run: async (world) => {
        const [present, missing] = [await world.topic(2), uniqueName('missing')];
        await world.velo().ensureTopics([
          { topic: present, partitions: 5 },
          { topic: missing, partitions: 3 },
        ]);
        expect(await world.observer.partitions(present)).toBe(2);
        expect(await world.observer.partitions(missing)).toBe(3);
      },
    },
    {
      name: 'a consumer without permission for its group does not start, and names the group',
      on: 'kafka',
      needs: ({ capabilities }) => capabilities.tellsGroupRefusal,
      run: async (world) => {
        const topic = await world.topic();
        await world.observer.grant(GUEST.username, [readingOf(topic)]);
        const member = world.member(
          { topics: [topic], exhausted: { action: 'skip' } },
          world.cluster.saslAddress(GUEST),
        );
        expect(await rejection(member.consumer.start())).toMatchObject({ code: 'VELO_CONSUMER_DEAD' });
        expect(member.told('dead')[0]?.explanation).toContain(world.groupId);
      },
    },
  ],
};
