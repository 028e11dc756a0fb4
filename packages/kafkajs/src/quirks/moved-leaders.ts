// Shown by "a partition without a leader" of the binding suite (testkit, binding/suites/leaderless.ts).
import { sleep } from '@velo/retry-core';
import type { KafkaJs } from '../api.js';
import { type AnswerReader, type PrivateCluster, withClusters } from './private-cluster.js';
import { readAnswers } from './read-answers.js';

interface Fetched {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

interface FetchedPartition {
  readonly errorCode: number;
  readonly messages: readonly unknown[];
}

/**
 * What a broker answers for a partition that it leads no longer, or not yet: LEADER_NOT_AVAILABLE,
 * NOT_LEADER_OR_FOLLOWER, REPLICA_NOT_AVAILABLE, KAFKA_STORAGE_ERROR, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH,
 * OFFSET_NOT_AVAILABLE. What else there is (a topic that has gone, no permission) stays kafkajs's.
 */
const MOVED: ReadonlySet<number> = new Set([5, 6, 9, 56, 74, 75, 78]);
/** ms. Before the broker is asked again that had nothing else to say: it may not know yet who leads. */
const PAUSE = 50;

/**
 * The same kafkajs, whose consumer keeps what a fetch has brought of other partitions when the leader of one has moved,
 * and looks for it. By itself it throws the whole answer away and joins its group again.
 */
export function toleratingMovedLeaders(kafka: KafkaJs): KafkaJs {
  return withClusters(kafka, (cluster) => {
    readAnswers<Fetched>(cluster, 'Fetch', (kafkajs) => ({
      decode: (raw) => kafkajs.decode(raw),
      parse: (decoded) => parse(kafkajs, cluster, decoded),
    }));
  });
}

async function parse(
  kafkajs: AnswerReader<Fetched>,
  cluster: PrivateCluster,
  decoded: Fetched,
): Promise<Fetched> {
  const partitions = decoded.responses.flatMap((topic) => topic.partitions);
  if (!partitions.some(hasMoved)) return kafkajs.parse(decoded);
  if (cluster.brokerPool !== undefined) cluster.brokerPool.metadataExpireAt = null;
  const rest = {
    ...decoded,
    responses: decoded.responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.filter((one) => !hasMoved(one)),
    })),
  };
  const parsed = await kafkajs.parse(rest);
  if (partitions.every(({ messages }) => messages.length === 0)) await sleep(PAUSE);
  return parsed;
}

function hasMoved({ errorCode }: FetchedPartition): boolean {
  return MOVED.has(errorCode);
}
