import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions, type Subscriber } from '../src/binding/assign-partitions.js';
import type { TopicPartition } from '../src/binding/record.js';

type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

const name = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;
const NUMBERS = Array.from({ length: 6 }, (_, i) => i);
/** Three families of up to three topics: `a`, `a-1`, `a-2`, `b` … */
const FAMILIES = ['a', 'b', 'c'].map((source) => [source, `${source}-1`, `${source}-2`]);

function member(
  memberId: string,
  topics: readonly string[],
  owned: readonly TopicPartition[] = [],
): Subscriber {
  return { memberId, topics, families: FAMILIES, owned };
}

const counts = fc
  .tuple(fc.nat(9), fc.nat(9), fc.nat(9))
  .map(
    (widths) =>
      new Map(FAMILIES.flatMap((topics, i) => topics.map((topic) => [topic, widths[i] as number] as const))),
  );
const anyPartition = fc.record({ topic: fc.constantFrom(...FAMILIES.flat()), partition: fc.nat(9) });
/** Any subscriptions, any claims, forged ones too. */
const group = fc
  .array(
    fc.record({
      topics: fc.uniqueArray(fc.constantFrom(...FAMILIES.flat(), 'missing'), { maxLength: 9 }),
      owned: fc.array(anyPartition, { maxLength: 12 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) => list.map(({ topics, owned }, i) => member(`m${i}`, topics, owned)));
/** Members that all read the same. */
const alike = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...FAMILIES.flat()), { minLength: 1 }),
    fc.integer({ min: 1, max: 6 }),
  )
  .map(([topics, size]) => NUMBERS.slice(0, size).map((i) => member(`m${i}`, topics)));

function ownersOf(assignment: Assignment): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const [memberId, partitions] of assignment)
    for (const partition of partitions)
      owners.set(name(partition), [...(owners.get(name(partition)) ?? []), memberId]);
  return owners;
}

function after(members: readonly Subscriber[], assignment: Assignment): Subscriber[] {
  return members.map((one) => ({ ...one, owned: assignment.get(one.memberId) ?? [] }));
}

/** How many of each member's partitions a cohort has, in the order of the members. */
function sizes(assignment: Assignment, topic?: string): number[] {
  return [...assignment.values()].map(
    (list) => list.filter((partition) => topic === undefined || partition.topic === topic).length,
  );
}

const spread = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers);

describe('an assignment', () => {
  it('gives each partition to one member that reads its topic, and to nobody else', () => {
    fc.assert(
      fc.property(group, counts, (members, widths) => {
        const owners = ownersOf(assignPartitions(members, widths));
        const expected: string[] = [];
        for (const [topic, width] of widths) {
          const readers = members.filter(({ topics }) => topics.includes(topic)).map((one) => one.memberId);
          if (readers.length === 0) continue;
          for (let partition = 0; partition < width; partition++) {
            expected.push(name({ topic, partition }));
            const [owner, ...others] = owners.get(name({ topic, partition })) ?? [];
            expect(readers).toContain(owner);
            expect(others).toEqual([]);
          }
        }
        expect([...owners.keys()].sort()).toEqual(expected.sort());
      }),
    );
  });

  it('is the same whatever the order of members, topics and claims', () => {
    fc.assert(
      fc.property(group, counts, fc.infiniteStream(fc.nat(99)), (members, widths, random) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((item) => ({ item, key: random.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const again = shuffled(members).map((one) => ({
          ...one,
          topics: shuffled(one.topics),
          owned: shuffled(one.owned),
        }));
        const plain = (assignment: Assignment) =>
          [...ownersOf(assignment)].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(plain(assignPartitions(again, widths))).toEqual(plain(assignPartitions(members, widths)));
      }),
    );
  });

  it('moves nothing where nothing has changed', () => {
    fc.assert(
      fc.property(group, counts, (members, widths) => {
        const first = assignPartitions(members, widths);
        expect(assignPartitions(after(members, first), widths)).toEqual(first);
      }),
    );
  });

  it('keeps partitions of one number together where the same members read a family', () => {
    fc.assert(
      fc.property(group, counts, (members, widths) => {
        const owners = ownersOf(assignPartitions(members, widths));
        const readers = (topic: string) =>
          members.flatMap(({ memberId, topics }) => (topics.includes(topic) ? memberId : [])).join();
        for (const topics of FAMILIES)
          for (const one of topics)
            for (const other of topics)
              if (readers(one) === readers(other))
                for (let partition = 0; partition < 9; partition++)
                  expect(owners.get(name({ topic: one, partition }))).toEqual(
                    owners.get(name({ topic: other, partition })),
                  );
      }),
    );
  });

  it('is even: in each topic, and in total as far as families stay together', () => {
    fc.assert(
      fc.property(alike, counts, (members, widths) => {
        const assignment = assignPartitions(members, widths);
        for (const topic of widths.keys()) expect(spread(sizes(assignment, topic))).toBeLessThanOrEqual(1);
        expect(spread(sizes(assignment))).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('of ten topics of one partition gives three members three or four each', () => {
    const topics = Array.from({ length: 10 }, (_, i) => `t${i}`);
    const members = NUMBERS.slice(0, 3).map((i) => ({ ...member(`m${i}`, topics), families: [] }));
    const assignment = assignPartitions(members, new Map(topics.map((topic) => [topic, 1])));
    expect(sizes(assignment).sort()).toEqual([3, 3, 4]);
  });
});

describe('with twelve partitions of a source and two tiers', () => {
  const widths = new Map(FAMILIES.flat().map((topic) => [topic, 12]));
  const topics = FAMILIES[0] as string[];
  const moved = (before: Assignment, now: Assignment): string[] => {
    const owners = ownersOf(now);
    return [...ownersOf(before)]
      .filter(([key, [owner]]) => owners.get(key)?.[0] !== owner)
      .map(([key]) => key);
  };

  it.each([2, 3, 4, 5, 6])('member %i that joins gets its share, and nothing else moves', (size) => {
    const old = NUMBERS.slice(1, size).map((i) => member(`m${i}`, topics));
    const before = assignPartitions(old, widths);
    const now = assignPartitions([...after(old, before), member('m0', topics)], widths);
    expect(moved(before, now)).toHaveLength(now.get('m0')?.length as number);
    expect(spread(sizes(now, 'a'))).toBeLessThanOrEqual(1);
  });

  it.each([2, 3, 4, 5, 6])('only what the one of %i had moves when it leaves', (size) => {
    const old = NUMBERS.slice(0, size).map((i) => member(`m${i}`, topics));
    const before = assignPartitions(old, widths);
    const now = assignPartitions(after(old, before).slice(1), widths);
    expect(moved(before, now)).toHaveLength(before.get('m0')?.length as number);
    expect(spread(sizes(now, 'a'))).toBeLessThanOrEqual(1);
  });

  it('a new tier of a rolling deploy goes to those that read it, and joins its source when all do', () => {
    const older = member('older', ['a', 'a-1']);
    const newer = member('newer', topics);
    const mixed = assignPartitions([older, newer], widths);
    expect(sizes(mixed, 'a')).toEqual([6, 6]);
    expect(mixed.get('newer')?.filter(({ topic }) => topic === 'a-2')).toHaveLength(12);
    const done = assignPartitions(after([member('older', topics), newer], mixed), widths);
    expect(moved(mixed, done).every((key) => key.startsWith('a-2/'))).toBe(true);
    expect(sizes(done)).toEqual([18, 18]);
  });
});

it('deals 8,000 partitions out to 40 members in seconds at most', () => {
  const sources = Array.from({ length: 500 }, (_, i) => `topic-${i}`);
  const families = sources.map((source) => [source, `${source}-1`, `${source}-2`, `${source}-dlt`]);
  const widths = new Map(families.flat().map((topic) => [topic, 4]));
  const members = Array.from({ length: 40 }, (_, i) => ({ ...member(`m${i}`, families.flat()), families }));
  const begin = performance.now();
  const first = assignPartitions(members, widths);
  assignPartitions(after(members.slice(1), first), widths);
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(spread(sizes(first))).toBeLessThanOrEqual(4);
});
