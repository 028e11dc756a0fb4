import { isVeloError, readArray, VeloError } from '@velo/engine';
import { describe, expect, it } from 'vitest';
import { hostileValues } from '../../retry-core/test/support/hostile-values.js';
import type { KafkaJs } from '../src/api.js';
import {
  brokerCode,
  honest,
  isNoLeader,
  maybeOtherTopic,
  noLeader,
  unknownPartition,
} from '../src/errors.js';
import { tellMissingCodec } from '../src/fetching/missing-codec.js';
import { tolerateLeaderless } from '../src/quirks/leaderless.js';
import { LostCoordinator } from '../src/quirks/lost-coordinator.js';
import { createTopics } from '../src/topics/topics.js';
import { changedCluster } from './support.js';

/**
 * Whatever kafkajs rejects with: a logger, a partitioner, an authenticator or a socket factory that users give it may
 * throw anything through it.
 */
const zoo = Object.entries(hostileValues)
  // Nobody else would handle its rejection here.
  .filter(([name]) => !name.startsWith('a rejected promise'))
  .map(([name, make]) => ({ name, make }));

describe.each(zoo)('of $name', ({ make }) => {
  it('the code of a broker is none, or a number', () => {
    const code = brokerCode(make());
    expect(code === undefined || typeof code === 'number').toBe(true);
  });

  it('nobody takes it for a partition without a leader', () => {
    expect(isNoLeader(make())).toBe(false);
    expect(isNoLeader(new Error('x', { cause: make() }))).toBe(false);
  });

  it('it stays as it is, or is a fault within kafkajs', () => {
    const value = make();
    const told = honest(value);
    expect(Object.is(told, value) || told instanceof VeloError).toBe(true);
  });

  it('a text of velo’s quotes it', () => {
    expect(maybeOtherTopic(make()).message.length).toBeLessThan(700);
  });

  it('it is no codec that is missing', () => {
    const value = make();
    expect(Object.is(tellMissingCodec(value, []), value)).toBe(true);
  });

  it('an admin client rejects with it, and with nothing else', async () => {
    const value = make();
    // A rejection, and not by `throw` in a test: a thenable would be adopted.
    const admin = { use: () => Promise.reject(value) } as unknown as Parameters<typeof createTopics>[0];
    await createTopics(admin, [{ topic: 'a', partitions: 1, replicationFactor: 1 }]).then(
      () => expect.unreachable(),
      (error: unknown) => {
        const parts = readArray(value, 'errors', 1);
        expect(Object.is(error, value) || parts.length > 0).toBe(true);
      },
    );
  });

  it('offsets of others are found', async () => {
    const value = make();
    const cluster = changedCluster((kafka: KafkaJs) => tolerateLeaderless(kafka), {
      findLeaderForPartitions: (_topic: string, partitions: readonly number[]) =>
        Object.fromEntries(partitions.map((partition) => [String(partition), [partition]])),
      fetchTopicsOffset: ([query]: readonly { partitions: readonly { partition: number }[] }[]) =>
        query?.partitions[0]?.partition === 0
          ? Promise.reject(value)
          : Promise.resolve([{ topic: 'a', partitions: [{ partition: 1, offset: '5' }] }]),
    });
    const both = [{ topic: 'a', partitions: [{ partition: 0 }, { partition: 1 }] }];
    expect(await cluster.fetchTopicsOffset(both)).toEqual([
      { topic: 'a', partitions: [{ partition: 1, offset: '5' }] },
    ]);
  });

  it('a commit that fails with it has kafkajs look for its coordinator', async () => {
    const value = make();
    const coordinator = new LostCoordinator(async () => true);
    for (let failures = 0; failures < 2; failures++) coordinator.missed(value);
    await new Promise((resolve) => setImmediate(resolve));
    let thrown: unknown;
    try {
      coordinator.throwIfElsewhere();
    } catch (error) {
      thrown = error;
    }
    coordinator.end();
    const type = thrown && Object.getOwnPropertyDescriptor(thrown, 'type')?.value;
    // An error of velo's own says nothing of the coordinator.
    expect(type).toBe(isVeloError(value) ? undefined : 'NOT_COORDINATOR_FOR_GROUP');
  });
});

it('a partition without a leader is one within other errors, too', () => {
  const error = new Error('gave up', { cause: new Error('failed', { cause: noLeader('a', 1) }) });
  expect(isNoLeader(error)).toBe(true);
  expect(brokerCode(error)).toBe(5);
  expect(isNoLeader(unknownPartition('a', 1))).toBe(false);
});

it('two errors that are causes of each other end', () => {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  expect(isNoLeader(error)).toBe(false);
  expect(brokerCode(error)).toBeUndefined();
});
