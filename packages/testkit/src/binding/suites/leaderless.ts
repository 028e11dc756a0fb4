import type { ClientBinding, OutgoingRecord, PublishOutcome } from '@velo/engine';
import { describe, expect } from 'vitest';
import { LEADER_NOT_AVAILABLE } from '../../support/broker-codes.js';
import { sleep } from '../../support/until.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { brokerCode } from '../broker-code.js';
import { categories, codes } from '../outcomes.js';
import { publishEach } from '../publish-each.js';
import { record } from '../record.js';
import { Told } from '../told.js';
import { until } from '../until.js';

/** In ms, from the leader's return to the records; more only where a machine is busy. */
const SOON = 2_500;

export function leaderless(binding: BindingUnderTest): void {
  const it = bindingTest(binding, 2);

  describe('a partition without a leader', () => {
    it('is counted all the same, and keeps nobody from the others’ offsets', async ({
      broker,
      client,
      newTopic,
    }) => {
      const topic = newTopic(3);
      await client.publish([record(topic, 2, 'a')]);
      broker.setLeader(topic, 1, -1);
      expect(await client.partitionCount(topic)).toBe(3);
      const [two, one, zero] = await Promise.allSettled(
        client.offsets([2, 1, 0].map((partition) => ({ topic, partition }))),
      );
      expect(two).toEqual({ status: 'fulfilled', value: { earliest: 0, latest: 1 } });
      expect(one?.status).toBe('rejected');
      expect(brokerCode((one as PromiseRejectedResult).reason)).toBe(LEADER_NOT_AVAILABLE);
      expect(zero).toEqual({ status: 'fulfilled', value: { earliest: 0, latest: 0 } });
    });

    it('is written when it has one again; the others meanwhile', async ({
      broker,
      client,
      newTopic,
      latest,
    }) => {
      const [topic, other] = [newTopic(3), newTopic(1)];
      const records = [0, 1, 2].map((partition) => record(topic, partition, 'a'));
      await publishEach(client, records);
      broker.setLeader(topic, 1, -1);
      const begin = performance.now();
      // Of another topic that the producer is asked for only now, so that it looks for leaders.
      const others = await publishEach(client, [
        record(other, 0, 'a'),
        record(topic, 0, 'b'),
        record(topic, 2, 'b'),
      ]);
      expect(codes(others)).toEqual([0, 0, 0]);
      expect(performance.now() - begin).toBeLessThan(SOON);
      const waiting = insist(client, record(topic, 1, 'b'));
      expect(codes(await client.publish([record(topic, 0, 'c')]))).toEqual([0]);
      broker.setLeader(topic, 1, 2);
      const back = performance.now();
      for (const category of categories(await waiting)) expect(category).toBe('NetworkIssue');
      expect(performance.now() - back).toBeLessThan(SOON);
      expect(await latest(topic, 3)).toEqual([3, 2, 2]);
    });

    it.for(['since before the member joins', 'while the member reads'])(
      'is fed when it has one again, the others meanwhile: %s',
      async (when, { broker, client, groupId, newTopic, told }) => {
        const topic = newTopic(3);
        const before = when === 'since before the member joins';
        await publishEach(
          client,
          [0, 1, 2].map((partition) => record(topic, partition, `${partition}a`)),
        );
        if (before) broker.setLeader(topic, 1, -1);
        await client.join({ groupId, topics: [topic], client: binding.quick }, told);
        await until(() => told.all.length === (before ? 2 : 3));
        broker.setLeader(topic, 1, -1);
        for (const letter of ['b', 'c', 'd']) {
          await publishEach(client, [record(topic, 0, `0${letter}`), record(topic, 2, `2${letter}`)]);
          await until(() => told.values.includes(`0${letter}`) && told.values.includes(`2${letter}`));
        }
        broker.setLeader(topic, 1, 1);
        const back = performance.now();
        await insist(client, record(topic, 1, '1b'));
        await until(() => told.values.includes('1b'));
        expect(performance.now() - back).toBeLessThan(SOON);
        expect([...told.values].sort()).toEqual(
          ['0a', '0b', '0c', '0d', '1a', '1b', '2a', '2b', '2c', '2d'].sort(),
        );
        expect(told.crashes).toEqual([]);
      },
    );

    it('keeps no member from its other topics', async ({ broker, client, groupId, newTopic }) => {
      const [dead, alive] = [newTopic(1), newTopic(2)];
      broker.setLeader(dead, 0, -1);
      const told = new Told();
      await client.join({ groupId, topics: [dead, alive], client: binding.quick }, told);
      await publishEach(client, [record(alive, 0, 'a'), record(alive, 1, 'b')]);
      await until(() => told.all.length === 2);
      expect(told.assignments.at(-1)).toHaveLength(3);
    });
  });
}

/** Publishes until it is written, as the engine does. @returns what has failed meanwhile */
async function insist(client: ClientBinding, wanted: OutgoingRecord): Promise<readonly PublishOutcome[]> {
  const failures: PublishOutcome[] = [];
  for (;;) {
    const [outcome] = await client.publish([wanted]);
    if (outcome?.written) return failures;
    failures.push(outcome as PublishOutcome);
    await sleep(100);
  }
}
