import { expect } from 'vitest';
import type { Member } from '../harness/member.js';
import type { World } from '../harness/world.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

const PARTITIONS = 4;
const NUMBERS = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** One record in each partition. */
function writeEach(world: World, topic: string): Promise<void> {
  return world.write(topic, ...NUMBERS.map((partition) => ({ value: `${topic} ${partition}`, partition })));
}

const valuesOf = (topic: string) => NUMBERS.map((partition) => `${topic} ${partition}`);
const owned = ({ consumer }: Member, topic: string) =>
  consumer
    .health()
    .partitions.filter((partition) => partition.topic === topic)
    .map(({ partition }) => partition);

/** The two configurations of a rolling deploy that adds a tier. */
const TIERS = { old: ['100ms'], new: ['100ms', '200ms'] } as const;

function deploy(first: 'old' | 'new', second: 'old' | 'new'): Scenario {
  return {
    name: `in a rolling deploy that adds a tier, ${first} member first, leave no copy unread`,
    several: true,
    run: async (world) => {
      const topic = await world.topic(PARTITIONS);
      const member = (version: 'old' | 'new') =>
        world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: TIERS[version] },
          handler: () => {
            throw new Error('no');
          },
        });
      const members = [await member(first), await member(second)];
      const newTier = world.ownTopic(topic, 'retry-200ms');
      const [one, other] = members as [Member, Member];
      await one.until('the group has settled', () =>
        [topic, newTier].every(
          (name) => [...owned(one, name), ...owned(other, name)].sort().join() === NUMBERS.join(),
        ),
      );
      await writeEach(world, topic);
      const buried = () =>
        members.flatMap((each) => each.told('deadLetter')).map(({ record }) => String(record.value));
      await one.until('all are dead-lettered', () => buried().length >= PARTITIONS);
      expect(buried().sort()).toEqual(valuesOf(topic));
      expect(members.map(({ consumer }) => consumer.health())).toMatchObject([
        { state: 'running', unread: [] },
        { state: 'running', unread: [] },
      ]);
    },
  };
}

export const subscriptions: ScenarioGroup = {
  name: 'members with different subscriptions',
  scenarios: [
    {
      name: 'get all of their own topics each',
      several: true,
      run: async (world) => {
        const topics = [await world.topic(PARTITIONS), await world.topic(PARTITIONS)] as const;
        const first = await world.joined({ topics: [topics[0]] });
        const second = await world.joined({ topics: [topics[1]] });
        for (const topic of topics) await writeEach(world, topic);
        await first.untilHandled(...valuesOf(topics[0]));
        await second.untilHandled(...valuesOf(topics[1]));
        expect([...first.tried].sort()).toEqual(valuesOf(topics[0]));
        expect([...second.tried].sort()).toEqual(valuesOf(topics[1]));
      },
    },
    deploy('old', 'new'),
    deploy('new', 'old'),
    {
      name: 'and alike ones have a source and its tiers together, by the number of the partition',
      several: true,
      run: async (world) => {
        const topic = await world.topic(PARTITIONS);
        const config = { topics: [topic], retry: { tiers: ['5s', '10s'] as const } };
        const members = [await world.joined(config), await world.joined(config)];
        const tiers = ['retry-5s', 'retry-10s'].map((suffix) =>
          world.ownTopic(topic, suffix as `retry-${string}`),
        );
        await members[0]?.until('each has half of it', () =>
          members.every((member) => owned(member, topic).length === PARTITIONS / 2),
        );
        for (const member of members)
          for (const tier of tiers) expect(owned(member, tier).sort()).toEqual(owned(member, topic).sort());
      },
    },
  ],
};
