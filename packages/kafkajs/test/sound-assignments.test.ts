import { readAssignment, type TopicPartition, writeAssignment } from '@velo/engine';
import { describe, expect, it } from 'vitest';
import { soundAssignments } from '../src/quirks/sound-assignments.js';
import { changedCluster } from './support.js';

const MAX_INT32 = 2 ** 31 - 1;

function partitions(...numbers: number[]): TopicPartition[] {
  return numbers.map((partition) => ({ topic: 'a', partition }));
}

interface Synced {
  /** What kafkajs is told. */
  readonly assigned: readonly TopicPartition[];
  readonly withheld: readonly TopicPartition[];
  /** Looks at the metadata. */
  readonly refreshes: number;
}

/** @param counts the partitions of the topic `a` by the metadata, at each look */
async function sync(memberAssignment: Buffer, counts: readonly number[]): Promise<Synced> {
  let refreshes = 0;
  let withheld: readonly TopicPartition[] = partitions(99);
  const ofTopic = (count: number) => Array.from({ length: count }, (_, partitionId) => ({ partitionId }));
  const cluster = changedCluster(
    (kafka) =>
      soundAssignments(kafka, (rest) => {
        withheld = rest;
      }),
    {
      findBroker: async () => ({ syncGroup: async () => ({ memberAssignment }) }),
      findTopicPartitionMetadata: (topic: string) => (topic === 'a' ? ofTopic(counts[refreshes] ?? 0) : []),
      refreshMetadata: async () => {
        if (counts[refreshes + 1] === undefined) throw new Error('no broker answers');
        refreshes++;
      },
    },
  );
  const broker: { syncGroup(request: object): Promise<{ memberAssignment: Buffer }> } =
    await cluster.findBroker();
  const answer = await broker.syncGroup({});
  return { assigned: readAssignment(answer.memberAssignment), withheld, refreshes };
}

describe('kafkajs is assigned', () => {
  it('what its metadata has, without a look at them', async () => {
    const all = partitions(0, 2);
    expect(await sync(writeAssignment(all), [3])).toEqual({ assigned: all, withheld: [], refreshes: 0 });
  });

  it('no partition that cannot exist, and none twice', async () => {
    const synced = await sync(writeAssignment(partitions(-1, 0, 0, MAX_INT32, -MAX_INT32)), [3]);
    expect(synced).toEqual({
      assigned: partitions(0),
      withheld: partitions(-1, MAX_INT32, -MAX_INT32),
      refreshes: 0,
    });
  });

  it('a new partition that the metadata show at a second look', async () => {
    const all = partitions(0, 3);
    expect(await sync(writeAssignment(all), [3, 4])).toEqual({ assigned: all, withheld: [], refreshes: 1 });
  });

  it('none that they do not have: kafkajs would ask for it in every round', async () => {
    const synced = await sync(writeAssignment(partitions(0, 300)), [3, 3]);
    expect(synced).toEqual({ assigned: partitions(0), withheld: partitions(300), refreshes: 1 });
  });

  it('what is known, where no broker answers', async () => {
    const synced = await sync(writeAssignment(partitions(0, 3)), [3]);
    expect(synced).toMatchObject({ assigned: partitions(0), withheld: partitions(3) });
  });

  it.each([
    ['no bytes', Buffer.alloc(0)],
    ['one byte', Buffer.alloc(1)],
    ['a list without an end', Buffer.from([0, 0, 0x7f, 0xff, 0xff, 0xff])],
  ])('nothing by %s', async (_, bytes) => {
    expect(await sync(bytes, [3])).toEqual({ assigned: [], withheld: [], refreshes: 0 });
  });
});
