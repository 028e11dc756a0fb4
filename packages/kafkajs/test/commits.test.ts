import { describe, expect, it } from 'vitest';
import type { KafkaJsConsumer, KafkaJsOffsets } from '../src/api.js';
import { Commits } from '../src/group/commits.js';

const OFFSETS = [
  { topic: 't', partition: 0, offset: 5, metadata: 'm' },
  { topic: 't', partition: 1, offset: 7 },
];

function commitsOver(commitOffsets: KafkaJsConsumer['commitOffsets']): Commits {
  return new Commits({ commitOffsets } as KafkaJsConsumer);
}

const made = (...offsets: [partition: number, offset: string][]): KafkaJsOffsets => ({
  topics: [{ topic: 't', partitions: offsets.map(([partition, offset]) => ({ partition, offset })) }],
});

describe('Commits', () => {
  it('rejects where kafkajs resolves without a word of a commit', async () => {
    const commits = commitsOver(async () => {});
    await expect(commits.commit(OFFSETS)).rejects.toMatchObject({ code: 'VELO_CLIENT' });
  });

  it.each([
    { said: [[0, '5']] as [number, string][], what: 'a partition lacks' },
    {
      said: [
        [0, '5'],
        [1, '6'],
      ] as [number, string][],
      what: 'an offset differs',
    },
  ])('rejects where $what', async ({ said }) => {
    const commits: Commits = commitsOver(async () => commits.witness(made(...said)));
    await expect(commits.commit(OFFSETS)).rejects.toMatchObject({ code: 'VELO_CLIENT' });
  });

  it('resolves when kafkajs tells that all was committed', async () => {
    const asked: unknown[] = [];
    const commits: Commits = commitsOver(async (offsets) => {
      asked.push(...offsets);
      commits.witness(made([0, '5'], [1, '7']));
    });
    await commits.commit(OFFSETS);
    expect(asked).toEqual([
      { topic: 't', partition: 0, offset: '5', metadata: 'm' },
      { topic: 't', partition: 1, offset: '7', metadata: null },
    ]);
  });

  it('goes by what a batch brought along, in the tick of the call', async () => {
    const asked: unknown[] = [];
    const commits = commitsOver(() => Promise.reject(new Error('not this way')));
    commits.learn(async (offsets) => void asked.push(offsets));
    const commit = commits.commit(OFFSETS);
    expect(asked).toEqual([
      {
        topics: [
          {
            topic: 't',
            partitions: [
              { partition: 0, offset: '5', metadata: 'm' },
              { partition: 1, offset: '7', metadata: null },
            ],
          },
        ],
      },
    ]);
    await commit;
  });

  it('waits at its end for what is under way, and refuses the rest', async () => {
    const order: string[] = [];
    let finish = () => {};
    const commits = commitsOver(async () => {});
    commits.learn(() => new Promise((resolve) => (finish = resolve)));
    const commit = commits.commit(OFFSETS).then(() => order.push('committed'));
    const end = commits.end().then(() => order.push('ended'));
    await expect(commits.commit(OFFSETS)).rejects.toMatchObject({ code: 'VELO_CLIENT' });
    finish();
    await Promise.all([commit, end]);
    expect(order).toEqual(['committed', 'ended']);
  });
});
