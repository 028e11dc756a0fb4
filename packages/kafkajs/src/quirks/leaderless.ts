// Shown by test/leaderless.test.ts.
import { inTime, readProperty } from '@velo/engine';
import type { KafkaJs } from '../api.js';
import { noLeader, silentLeader } from '../errors.js';
import {
  type AnswerReader,
  type PrivateCluster,
  type PrivateOffsetQuery,
  withClusters,
} from './private-cluster.js';
import { readAnswers } from './read-answers.js';

interface Metadata {
  readonly topicMetadata: readonly {
    readonly partitionMetadata: readonly { readonly partitionErrorCode: number }[];
  }[];
}

type FindLeaders = NonNullable<PrivateCluster['findLeaderForPartitions']>;

/** The number that brokers tell where a partition has no leader. */
const NONE = '-1';

/**
 * The same kafkajs, for which a partition without a leader holds up no other. By itself it throws away all metadata
 * for the error of one partition: its consumer then fetches nothing of anything, and its producer, which asks for all
 * topics that it was ever used for, writes nothing to any.
 */
export function tolerateLeaderless(kafka: KafkaJs): KafkaJs {
  return withClusters(kafka, (cluster) => {
    readAnswers(cluster, 'Metadata', withoutPartitionErrors);
    const find = cluster.findLeaderForPartitions?.bind(cluster);
    if (find === undefined) return;
    refuseSends(cluster, find);
    askLeadersApart(cluster, find);
  });
}

/** Drops the errors of partitions, which only say what their leaders say too; those of topics stay. */
function withoutPartitionErrors(kafkajs: AnswerReader<Metadata>): AnswerReader<Metadata> {
  return {
    decode: (raw) => kafkajs.decode(raw),
    parse: (decoded) =>
      kafkajs.parse({
        ...decoded,
        topicMetadata: decoded.topicMetadata.map((topic) => ({
          ...topic,
          partitionMetadata: topic.partitionMetadata.map((one) => ({ ...one, partitionErrorCode: 0 })),
        })),
      }),
  };
}

/** kafkajs would look for a broker -1, and fail with an error that has no code. */
function refuseSends(cluster: PrivateCluster, find: FindLeaders): void {
  cluster.findLeaderForPartitions = (topic, partitions) => {
    const leaders = find(topic, partitions);
    const [partition] = leaders[NONE] ?? [];
    if (partition !== undefined) throw noLeader(topic, partition);
    return leaders;
  };
}

/**
 * ms. How long other leaders may take after the first one's answer: kafkajs waits 30 s for a broker that does not
 * answer.
 */
const SILENT_LIMIT = 5_000;

/**
 * Asks each leader by itself for offsets, and leaves out what nobody answers for: kafkajs asks for it again with its
 * next fetch, and fetches nothing of it before. By itself it fetches nothing of anything until all have answered.
 */
function askLeadersApart(cluster: PrivateCluster, find: FindLeaders): void {
  const fetch = cluster.fetchTopicsOffset?.bind(cluster);
  if (fetch === undefined) return;
  cluster.fetchTopicsOffset = async (topics) => {
    const queries = queriesByLeader(topics, find);
    const answers = await settledSoon(queries.map((query) => fetch(query)));
    const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    const forGood = failures.find((failure) => readProperty(failure, 'retriable') === false);
    if (forGood !== undefined) throw forGood;
    if (failures.length > 0 && failures.length === queries.length) throw failures[0];
    if (failures.length > 0 && cluster.brokerPool !== undefined) cluster.brokerPool.metadataExpireAt = null;
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    // Holds each topic that was asked for: kafkajs fails where it misses one.
    return topics.map(({ topic }) => ({
      topic,
      partitions: found.filter((one) => one.topic === topic).flatMap(({ partitions }) => partitions),
    }));
  };
}

async function settledSoon<T>(answers: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> {
  await Promise.any(answers).catch(() => {});
  return Promise.allSettled(answers.map((answer) => inTime(SILENT_LIMIT, answer, silentLeader)));
}

function queriesByLeader(topics: readonly PrivateOffsetQuery[], find: FindLeaders): PrivateOffsetQuery[][] {
  const queries = new Map<string, PrivateOffsetQuery[]>();
  for (const query of topics) {
    const leaders = find(
      query.topic,
      query.partitions.map(({ partition }) => partition),
    );
    for (const [leader, ids] of Object.entries(leaders)) {
      if (leader === NONE) continue;
      const ofLeader = queries.get(leader) ?? [];
      ofLeader.push({ ...query, partitions: ids.map((partition) => ({ partition })) });
      queries.set(leader, ofLeader);
    }
  }
  return [...queries.values()];
}
