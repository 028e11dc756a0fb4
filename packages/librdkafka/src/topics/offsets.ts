import { type CommittedOffset, type OffsetRange, type TopicPartition, Turns } from '@velo/engine';
import type { RdKafkaClient, RdKafkaConsumer, RdKafkaTopicPartition } from '../api.js';
import type { Connection } from '../connection/connection.js';
import type { Handle } from '../connection/handle.js';
import { QUERY_LIMIT } from '../connection/metadata.js';
import type { QueryHandle } from '../connection/query-handle.js';
import { CODES, coded, codeOf, isSilence } from '../errors/codes.js';
import { leaderMissing, unknownPartition } from '../errors/errors.js';
import { bothEnds } from '../quirks/both-ends.js';
import { leadersOf } from './topics.js';

/**
 * The clients' calls wait in libuv's thread pool, which has 4 threads at its default: this leaves one for everybody
 * else, `fs` and DNS among them. Shown by "a partition without a leader" of the binding suite.
 */
const MAX_THREADS = 3;

/**
 * The first offset that is still there, and the next one to be written: an answer for each partition, in the order asked.
 * librdkafka waits for a leader that is not there or does not answer, in a thread, so a partition without one is not asked
 * for, and a leader that keeps silent is not asked again.
 */
export function offsets(
  queries: Connection<QueryHandle>,
  partitions: readonly TopicPartition[],
): readonly Promise<OffsetRange>[] {
  const turns = new Turns(MAX_THREADS);
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const leaders = new Map(topics.map((topic) => [topic, turns.run(() => leadersOf(queries, topic))]));
  const silent = new Map<number, unknown>();
  return partitions.map(async ({ topic, partition }) => {
    const leader = (await leaders.get(topic))?.get(partition);
    if (leader === undefined) throw unknownPartition(topic, partition);
    if (leader < 0) throw leaderMissing(topic, partition);
    return turns.run(async () => {
      if (silent.has(leader)) throw silent.get(leader);
      try {
        return await range(await queries.ready(), topic, partition);
      } catch (error) {
        if (isSilence(codeOf(error))) silent.set(leader, error);
        throw error;
      }
    });
  });
}

async function range(handle: Handle<RdKafkaClient>, topic: string, partition: number): Promise<OffsetRange> {
  try {
    return await bothEnds(async () => {
      const { lowOffset, highOffset } = await handle.call<{ lowOffset: number; highOffset: number }>(
        (client, callback) => client.queryWatermarkOffsets(topic, partition, QUERY_LIMIT, callback),
      );
      return { earliest: lowOffset, latest: highOffset };
    });
  } catch (error) {
    const code = codeOf(error);
    throw code === CODES.UNKNOWN_PARTITION || code === CODES.UNKNOWN_TOPIC
      ? unknownPartition(topic, partition)
      : error;
  }
}

/** What a group has committed, as one of its consumers is told, in the order asked; below 0 where there is no position. */
export async function committed(
  partitions: readonly TopicPartition[],
  reader: () => Promise<Handle<RdKafkaConsumer>>,
): Promise<readonly CommittedOffset[]> {
  if (partitions.length === 0) return [];
  const handle = await reader();
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition }));
  const found = await handle.call<readonly (RdKafkaTopicPartition | Error)[]>((client, callback) =>
    client.committed(asked, QUERY_LIMIT, callback),
  );
  return partitions.map(({ topic, partition }, i) => {
    const entry = found[i] ?? unknownPartition(topic, partition);
    if (entry instanceof Error) throw coded(entry);
    return { offset: entry.offset ?? -1, metadata: entry.metadata ?? '' };
  });
}
