import { startEmbeddedBroker } from '@velo/testkit';
import { record, sleep, Told, uniqueName, until } from '@velo/testkit/binding';
import { afterEach, describe, expect, it } from 'vitest';
import { openKafkaJsClient } from '../src/index.js';
import { LostCoordinator } from '../src/quirks/lost-coordinator.js';
import { kafkaOn } from './support.js';

const gone = () =>
  Object.assign(new Error('Connection error: connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const refused = (code: number) => Object.assign(new Error('refused'), { code });

describe('LostCoordinator', () => {
  let lost: LostCoordinator | undefined;
  afterEach(() => lost?.end());

  const over = (isServed: () => Promise<boolean>) => {
    lost = new LostCoordinator(isServed);
    return lost;
  };
  const isThrown = (coordinator: LostCoordinator) => {
    try {
      coordinator.throwIfElsewhere();
      return false;
    } catch (error) {
      expect(error).toMatchObject({ type: 'NOT_COORDINATOR_FOR_GROUP' });
      expect(error).toBeInstanceOf(Error);
      return true;
    }
  };

  it('joins again when commits find nobody and the cluster serves the group, and is content then', async () => {
    const coordinator = over(async () => true);
    coordinator.missed(gone());
    coordinator.missed(gone());
    await sleep(10);
    expect(isThrown(coordinator)).toBe(true);
    expect(isThrown(coordinator)).toBe(true);
    coordinator.reached();
    expect(isThrown(coordinator)).toBe(false);
  });

  it('stays while the cluster has no coordinator either, and goes when it has', async () => {
    let served = false;
    const coordinator = over(async () => served || Promise.reject(new Error('no coordinator')));
    coordinator.missed(gone());
    coordinator.missed(gone());
    await sleep(10);
    expect(isThrown(coordinator)).toBe(false);
    served = true;
    await sleep(400);
    expect(isThrown(coordinator)).toBe(true);
  });

  it.each([
    { what: 'one commit alone', errors: [gone()] },
    { what: 'a generation that is over', errors: [refused(22), refused(22), refused(22)] },
  ])('does not mind $what', async ({ errors }) => {
    const coordinator = over(async () => true);
    for (const error of errors) coordinator.missed(error);
    await sleep(10);
    expect(isThrown(coordinator)).toBe(false);
  });

  it('forgets failures when a commit was made', async () => {
    const coordinator = over(async () => true);
    coordinator.missed(gone());
    coordinator.reached();
    coordinator.missed(gone());
    await sleep(10);
    expect(isThrown(coordinator)).toBe(false);
  });
});

describe('a member whose coordinator is gone', () => {
  it('commits at the new one long before kafkajs gives up', async () => {
    await using broker = await startEmbeddedBroker({ brokers: 2 });
    const [topic, groupId] = [uniqueName('topic'), uniqueName('group')];
    broker.createTopic(topic, { partitions: 1 });
    broker.setLeader(topic, 0, 1);
    broker.setCoordinator('group', groupId, 2);
    const client = openKafkaJsClient(kafkaOn(broker));
    try {
      const told = new Told();
      const options = { maxWaitTimeInMs: 50, heartbeatInterval: 200 };
      const member = await client.join({ groupId, topics: [topic], client: options }, told);
      await client.publish([record(topic, 0, 'first')]);
      await until(() => told.all.length === 1);
      broker.brokerDown(2);
      broker.setCoordinator('group', groupId, 1);
      const began = Date.now();
      let committed = false;
      for (let offset = 1; !committed && Date.now() - began < 8_000; offset++) {
        await client.publish([record(topic, 0, 'x')]);
        const commit = member.commit([{ topic, partition: 0, offset }]);
        committed = await commit.then(
          () => true,
          () => false,
        );
        await sleep(100);
      }
      expect(committed).toBe(true);
      expect(Date.now() - began).toBeLessThan(6_000);
      await until(() => told.assignments.length === 2);
      expect(told.crashes).toEqual([]);
    } finally {
      await client.close();
    }
  }, 20_000);
});
