import { readAssignment } from '@velo/engine';
import kafkajs from 'kafkajs';
import { expect, it } from 'vitest';
import { partitionAssigners } from '../src/group/assigner.js';

/** The brokers' topics; the leader's own metadata knows those that it reads itself. */
const COUNTS = new Map([
  ['a', 2],
  ['b', 2],
]);
const own = {
  findTopicPartitionMetadata: (topic: string) => (topic === 'a' ? [partition(0), partition(1)] : []),
};
const partition = (partitionId: number) => ({ partitionId });

function assigners(partitionCount = async (topic: string) => COUNTS.get(topic) ?? 0) {
  return partitionAssigners({ families: [], owned: () => [], partitionCount }).map((make) =>
    make({ cluster: own }),
  );
}

async function assigned(members: readonly (readonly [string, Buffer])[], [first] = assigners()) {
  const group = members.map(([memberId, memberMetadata]) => ({ memberId, memberMetadata }));
  const answers = (await first?.assign({ members: group, topics: ['a'] })) ?? [];
  return Object.fromEntries(
    answers.map(({ memberId, memberAssignment }) => [memberId, readAssignment(memberAssignment)]),
  );
}

const bare = (topics: string[]) =>
  kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) });
const list = (topic: string) => [0, 1].map((number) => ({ topic, partition: number }));

it('a group may speak of it by velo’s name or by that of kafkajs’s own', () => {
  const protocols = assigners().map((assigner) => assigner.protocol({ topics: ['a'] }));
  expect(protocols.map(({ name }) => name)).toEqual(['velo', 'RoundRobinAssigner']);
});

it('each member gets the topics that it reads, those that the leader does not read included', async () => {
  const metadata = (topic: string) => assigners()[0]?.protocol({ topics: [topic] }).metadata as Buffer;
  expect(
    await assigned([
      ['leader', metadata('a')],
      ['other', metadata('b')],
    ]),
  ).toEqual({ leader: list('a'), other: list('b') });
});

it('a bare kafkajs gets what it reads', async () => {
  expect(
    await assigned([
      ['leader', bare(['a'])],
      ['other', bare(['b'])],
    ]),
  ).toEqual({ leader: list('a'), other: list('b') });
});

it.each(['a topic that is gone', 'a topic that may not be asked for'])(
  '%s goes to nobody, and the rest is assigned',
  async (what) => {
    const broken = assigners(async () => {
      if (what !== 'a topic that is gone') throw new Error('TOPIC_AUTHORIZATION_FAILED');
      return 0;
    });
    expect(
      await assigned(
        [
          ['leader', bare(['a'])],
          ['other', bare(['b'])],
        ],
        broken,
      ),
    ).toEqual({ leader: list('a'), other: [] });
  },
);

it('a topic that brokers do not know yet is asked for again', async () => {
  let asked = 0;
  const late = assigners(async () => (++asked < 3 ? 0 : 2));
  expect(await assigned([['other', bare(['b'])]], late)).toEqual({ other: list('b') });
});
