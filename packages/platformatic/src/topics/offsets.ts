import { type CommittedOffset, type OffsetRange, partitionKey, type TopicPartition } from '@velo/engine';
import { sleep } from '@velo/retry-core';
import { addressOf } from '../connection/address-of.js';
import { byPartition, byTopic } from '../connection/by-topic.js';
import { type Broker, type Cluster, GROUP } from '../connection/cluster.js';
import { check, unknownPartition } from '../errors.js';

const EARLIEST = -2n;
const LATEST = -1n;
const READ_UNCOMMITTED = 0;
/** kafkajs commits it by itself where an offset was out of range: go on at the earliest. */
const COMMITTED_EARLIEST = -2;
/** UNSTABLE_OFFSET_COMMIT: a transaction is ending that may commit for the partition. */
const UNSTABLE = 88;
/** How often offsets are asked for until none is unstable, and ms between two questions. */
const STABLE_ASKS = 100;
const STABLE_PAUSE = 50;

/** The first offset that is still there, and the next one to be written: an answer for each partition, in the order asked. */
export function offsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): readonly Promise<OffsetRange>[] {
  const leaders = leadersOf(cluster, partitions);
  // One question for each leader; those that ask for a leader's answer share it.
  const answers = new Map<string, Promise<Answers>>();
  return partitions.map(async (of) => {
    const { topic, partition } = of;
    const found = await leaders;
    const leader = cluster.knownLeader(of) ?? (await cluster.leader(of));
    const node = addressOf(leader);
    const mine = answers.get(node) ?? askLeader(cluster, leader, found.get(node) ?? [of]);
    answers.set(node, mine);
    const [earliest, latest] = await mine;
    const key = partitionKey(topic, partition);
    return { earliest: take(earliest, key, of), latest: take(latest, key, of) };
  });
}

type Answers = readonly [Map<string, Ranged>, Map<string, Ranged>];

interface Ranged {
  readonly errorCode: number;
  readonly offset: bigint;
}

/** By the leader's address. Metadata are asked for anew where one is missing. */
async function leadersOf(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Promise<Map<string, TopicPartition[]>> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  if (topics.length > 0) await cluster.describe(topics);
  const found = new Map<string, TopicPartition[]>();
  for (const partition of partitions) {
    const leader = cluster.knownLeader(partition);
    if (leader === undefined) continue;
    const node = addressOf(leader);
    const list = found.get(node);
    if (list === undefined) found.set(node, [partition]);
    else list.push(partition);
  }
  return found;
}

function askLeader(
  cluster: Cluster,
  leader: Broker,
  partitions: readonly TopicPartition[],
): Promise<Answers> {
  const ask = async (timestamp: bigint) => {
    const asked = byTopic(partitions, ({ partition }) => ({
      partitionIndex: partition,
      currentLeaderEpoch: -1 as const,
      timestamp,
    }));
    const { topics } = await cluster.ask(leader, 'listOffsets', [-1, READ_UNCOMMITTED, asked]);
    return byPartition(topics);
  };
  return Promise.all([ask(EARLIEST), ask(LATEST)]);
}

function take(answers: Map<string, Ranged>, key: string, { topic, partition }: TopicPartition): number {
  const answer = answers.get(key);
  if (answer === undefined) throw unknownPartition(topic, partition);
  check(answer.errorCode, `partition ${partition} of "${topic}"`);
  return Number(answer.offset);
}

/** What the group has committed, in the order asked. Waits for transactions that are ending. */
export async function committed(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<readonly CommittedOffset[]> {
  if (partitions.length === 0) return [];
  for (let asks = 1; ; asks++) {
    const found = await fetchOffsets(cluster, groupId, partitions);
    const unstable = [...found.values()].some(({ errorCode }) => errorCode === UNSTABLE);
    if (unstable && asks < STABLE_ASKS) {
      await sleep(STABLE_PAUSE);
      continue;
    }
    return partitions.map(({ topic, partition }) => {
      const entry = found.get(partitionKey(topic, partition));
      if (entry === undefined) throw unknownPartition(topic, partition);
      check(entry.errorCode, `partition ${partition} of "${topic}" in group "${groupId}"`);
      const offset = Number(entry.committedOffset);
      return { offset: offset === COMMITTED_EARLIEST ? 'earliest' : offset, metadata: entry.metadata ?? '' };
    });
  }
}

async function fetchOffsets(cluster: Cluster, groupId: string, partitions: readonly TopicPartition[]) {
  const topics = byTopic(partitions, ({ partition }) => partition).map(({ name, partitions: indexes }) => ({
    name,
    partitionIndexes: indexes,
  }));
  const answer = await cluster.askCoordinator(
    GROUP,
    groupId,
    'offsetFetch',
    [[{ groupId, memberId: null, memberEpoch: -1, topics }], true],
    (given) => (given.groups[0] ?? given).errorCode ?? 0,
  );
  const group = answer.groups[0] ?? answer;
  check(group.errorCode ?? 0, `group "${groupId}"`);
  return byPartition(group.topics ?? []);
}

/**
 * Where a group goes on in partitions: at what it has committed, else at the earliest record. Undefined for those whose
 * leader does not answer.
 */
export async function whereToBegin(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<readonly (number | undefined)[]> {
  const stands = await committed(cluster, groupId, partitions);
  const isFresh = (i: number) => !(Number(stands[i]?.offset) >= 0);
  const fresh = partitions.filter((_, i) => isFresh(i));
  const ranges = await Promise.allSettled(offsets(cluster, fresh));
  return partitions.map((partition, i) => {
    if (!isFresh(i)) return stands[i]?.offset as number;
    const range = ranges[fresh.indexOf(partition)];
    return range?.status === 'fulfilled' ? range.value.earliest : undefined;
  });
}
