import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GroupDescription } from '../src/binding/binding.js';
import type { TopicPartition } from '../src/binding/record.js';
import { type ConsumerInTest, Consumers } from './support/consumers.js';

/** A look comes within, ms: the first one, one while something is unread, one while all is well. */
const FIRST = 1_000;
const SOON = 5_000;
const LATER = 60_000;

const P0 = { topic: 'orders', partition: 0 };
const P1 = { topic: 'orders', partition: 1 };
const BILL = { topic: 'bills', partition: 0 };

let world: Consumers;
let group: GroupDescription | undefined;
let looks: number;

beforeEach(() => {
  world = new Consumers();
  world.cluster.create('orders', 2);
  world.cluster.create('bills');
  group = [{ topics: ['orders'], assigned: [P0, P1] }];
  looks = 0;
  world.cluster.onDescribeGroup = async () => {
    looks++;
    return group;
  };
});
afterEach(() => world.end());

async function started(): Promise<ConsumerInTest> {
  const one = world.start({}, 'unread');
  await world.clock.advance(0);
  await one.joined;
  return one;
}

const unread = ({ told }: ConsumerInTest): (readonly TopicPartition[])[] =>
  told('unread').map(({ partitions }) => partitions);

describe('what nobody reads', () => {
  it.each<{ what: string; given: GroupDescription; expected: TopicPartition[] }>([
    {
      what: 'partitions at a member that has not subscribed to them',
      given: [
        { topics: ['orders'], assigned: [P0, BILL] },
        { topics: ['bills'], assigned: [P1] },
      ],
      expected: [BILL, P1],
    },
    {
      what: 'a topic of which no member has got anything',
      given: [{ topics: ['bills'], assigned: [BILL] }],
      expected: [P0, P1],
    },
    {
      what: 'nothing, where a member does not tell its topics',
      given: [{ topics: [], assigned: [P0, P1] }],
      expected: [],
    },
    { what: 'nothing, while the group rebalances', given: undefined as never, expected: [] },
  ])('is $what', async ({ given, expected }) => {
    group = given;
    const one = await started();
    await world.clock.advance(FIRST);
    expect(looks).toBe(1);
    expect(one.consumer.health().unread).toEqual(expected);
    expect(one.consumer.health().state).toBe(expected.length > 0 ? 'unread' : 'running');
    expect(unread(one)).toEqual(expected.length > 0 ? [expected] : []);
  });

  it('is known at once where this member got what it does not read, whatever the client can ask', async () => {
    world.cluster.onDescribeGroup = undefined;
    const one = await started();
    world.cluster.members[0]?.assign([P0, P1, BILL]);
    expect(one.consumer.health().unread).toEqual([BILL]);
    expect(one.told('unread')[0]?.explanation).toContain(
      'No member of group "billing" reads these partitions: "bills" 0.',
    );
    world.cluster.members[0]?.assign([P0, P1]);
    expect(unread(one)).toEqual([[BILL], []]);
    await world.clock.advance(0);
    expect(one.consumer.health().state).toBe('running');
  });
});

describe('a partition that is given to nobody, of a topic of which others are read', () => {
  it('is told at the second look that misses it, and no more once a member has it', async () => {
    group = [{ topics: ['orders'], assigned: [P0] }];
    const one = await started();
    await world.clock.advance(FIRST);
    expect(one.consumer.health().unread).toEqual([]);
    await world.clock.advance(SOON);
    expect(one.consumer.health()).toMatchObject({ state: 'unread', unread: [P1] });
    group = [{ topics: ['orders'], assigned: [P0, P1] }];
    await world.clock.advance(SOON);
    expect(unread(one)).toEqual([[P1], []]);
  });

  it('is none where the topic has just grown, and the next assignment has it', async () => {
    group = [{ topics: ['orders'], assigned: [P0] }];
    const one = await started();
    await world.clock.advance(FIRST);
    world.cluster.members[0]?.assign([P0, P1]);
    await world.clock.advance(FIRST);
    expect(looks).toBe(2);
    expect(unread(one)).toEqual([]);
  });
});

describe('a look at the group', () => {
  it('is taken again soon while something is unread, and tells of each change once', async () => {
    group = [{ topics: ['bills'], assigned: [BILL] }];
    const one = await started();
    await world.clock.advance(FIRST + 3 * SOON);
    expect(looks).toBe(4);
    group = [{ topics: ['orders'], assigned: [P0, P1] }];
    await world.clock.advance(SOON);
    expect(unread(one)).toEqual([[P0, P1], []]);
    await world.clock.advance(LATER - 1);
    expect(looks).toBe(5);
    await world.clock.advance(1);
    expect(looks).toBe(6);
  });

  it('that fails changes nothing', async () => {
    group = [{ topics: ['bills'], assigned: [BILL] }];
    const one = await started();
    await world.clock.advance(FIRST);
    world.cluster.onDescribeGroup = undefined;
    group = Promise.reject(new Error('no answer')) as never;
    (group as unknown as Promise<never>).catch(() => {});
    await world.clock.advance(SOON);
    expect(one.consumer.health().unread).toEqual([P0, P1]);
    expect(unread(one)).toHaveLength(1);
  });

  it('that fails is taken again after 5 s, 10 s and so on up to a minute', async () => {
    const at: number[] = [];
    let second = 0;
    world.cluster.onDescribeGroup = async () => {
      at.push(second);
      throw new Error('no answer');
    };
    await started();
    while (second++ < 200) await world.clock.advance(1_000);
    expect(at).toEqual([1, 6, 16, 36, 76, 136, 196]);
  });

  it('of an assignment before the present one is dropped', async () => {
    let answer: (group: GroupDescription) => void = () => {};
    const one = await started();
    world.cluster.members[0]?.assign([P0, P1]);
    group = new Promise<GroupDescription>((resolve) => {
      answer = resolve;
    }) as never;
    await world.clock.advance(FIRST);
    world.cluster.members[0]?.assign([P0, P1]);
    answer([{ topics: ['bills'], assigned: [BILL] }]);
    await world.clock.advance(0);
    expect(one.consumer.health().unread).toEqual([]);
  });
});

it('a member is told which topics belong together, and what the one before it had', async () => {
  await world.end();
  world = new Consumers();
  world.cluster.create('orders', 2);
  const one = world.start({ retry: { tiers: ['5s', '1m'] } });
  await world.clock.advance(0);
  await one.joined;
  const [first] = world.cluster.members;
  expect(first?.membership.families).toEqual([
    ['orders', 'orders-billing-retry-5s', 'orders-billing-retry-1m'],
  ]);
  expect(first?.membership.former).toEqual([]);
  first?.crash(Object.assign(new Error('gone'), { name: 'KafkaJSConnectionError' }));
  await world.clock.advance(1_000);
  expect(world.cluster.members[1]?.membership.former).toHaveLength(6);
});
