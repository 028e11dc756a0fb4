import { shellWord, sleep } from '@velo/retry-core';
import type { GroupDescription } from '../binding/binding.js';
import { namePartitions } from '../binding/name-partitions.js';
import { partitionKey, partitionsOf } from '../binding/record.js';
import { count } from './check-topics.js';
import { type Examined, type ExaminedTopic, isRead } from './examined.js';
import type { Finding } from './finding.js';
import { onGroup } from './questions.js';

/** While the group is rebalancing, ms. */
const LOOK_AGAIN = 500;

/** @returns how many members the group has; `undefined` if nobody knows */
export async function* checkMembers(
  examined: Examined,
  topics: readonly ExaminedTopic[],
  signal: AbortSignal,
): AsyncGenerator<Finding, number | undefined> {
  const { client, plan, questions, clock } = examined;
  const { groupId } = plan;
  const common = { check: 'members', subject: `group ${groupId}` } as const;
  const byHand = `kafka-consumer-groups.sh --bootstrap-server HOST:PORT --describe --group ${shellWord(groupId)} --members --verbose`;
  const { describeGroup } = client;
  if (describeGroup === undefined) {
    yield {
      ...common,
      status: 'unknown',
      text: 'Who its members are, this client cannot ask.',
      remedy: byHand,
    };
    return undefined;
  }
  let group: GroupDescription | undefined;
  for (const end = clock.now() + questions.limit; ; await sleep(LOOK_AGAIN, signal, clock)) {
    const right = onGroup(groupId, 'Describe');
    const answer = await questions.ask({ ...common, what: 'who its members are', groupId, right }, () =>
      // A promise of nothing is an answer, too.
      describeGroup(groupId).then((description) => ({ description })),
    );
    if (answer.value === undefined) {
      yield answer.finding;
      return undefined;
    }
    group = answer.value.description;
    if (group !== undefined || clock.now() >= end) break;
  }
  if (group === undefined) {
    yield {
      ...common,
      status: 'warning',
      text: 'It is rebalancing, and has been for as long as it was asked. Nothing is lost, and nothing is handled until that ends.',
      remedy:
        'See whether members start and end again and again, or one of them does not answer: their logs tell.',
    };
    return undefined;
  }
  yield* membersOf(group, common, byHand);
  yield* unreadOf(group, topics, common);
  return group.length;
}

type Common = Pick<Finding, 'check' | 'subject'>;

function* membersOf(group: GroupDescription, common: Common, byHand: string): Generator<Finding> {
  const members = group.map(({ topics, assigned }) => ({ topics, partitions: assigned }));
  if (group.length === 0)
    yield {
      ...common,
      status: 'problem',
      text: 'It has no members: nobody reads its topics.',
      remedy: 'Start its consumers; where they run, look at their logs.',
      data: { members },
    };
  else {
    const each = group.map(({ assigned }) => assigned.length).sort((one, other) => one - other);
    const range = each[0] === each.at(-1) ? `${each[0]}` : `${each[0]} to ${each.at(-1)}`;
    yield {
      ...common,
      status: 'ok',
      text: `It has ${count(group.length, 'member')}, with ${range} partitions each.`,
      remedy: each[0] === 0 ? `Members without a partition wait for one: ${byHand}` : undefined,
      data: { members },
    };
  }
}

/** Partitions that no member reads which has subscribed to them. */
function* unreadOf(
  group: GroupDescription,
  topics: readonly ExaminedTopic[],
  common: Common,
): Generator<Finding> {
  if (group.length === 0) return;
  const read = new Set<string>();
  for (const { topics, assigned } of group) {
    // A member that does not tell its topics is taken to read what it was given.
    for (const { topic, partition } of assigned)
      if (topics.length === 0 || topics.includes(topic)) read.add(partitionKey(topic, partition));
  }
  const unread = topics
    .filter(isRead)
    .flatMap(({ topic, partitions }) => partitionsOf(topic, partitions))
    .filter(({ topic, partition }) => !read.has(partitionKey(topic, partition)));
  if (unread.length === 0) return;
  yield {
    ...common,
    status: 'problem',
    text: `No member reads these partitions: ${namePartitions(unread)}. Their records are not lost, but they wait.`,
    remedy:
      'A replay topic that has just been made is read within about a minute. Otherwise members have other topics, or run without velo: give them the same configuration.',
    data: { unread },
  };
}
