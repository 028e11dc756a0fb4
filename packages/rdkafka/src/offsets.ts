import type { CommittedOffset, OffsetRange, TopicPartition } from '@velo/retry-core/engine';
import { concurrently } from './concurrently.js';
import { CODES, coded, codeOf, unknownPartition } from './errors.js';
import type { Handle } from './handle.js';
import { QUERY_LIMIT } from './metadata.js';
import type { RdKafkaClient, RdKafkaConsumer, RdKafkaTopicPartition } from './rdkafka-api.js';

/** The first offset that is still there, and the next one to be written, in the order asked. */
export function offsets(
  handle: Handle<RdKafkaClient>,
  partitions: readonly TopicPartition[],
): Promise<readonly OffsetRange[]> {
  return concurrently(partitions, async ({ topic, partition }) => {
    try {
      const { lowOffset, highOffset } = await handle.call<{ lowOffset: number; highOffset: number }>(
        (client, callback) => client.queryWatermarkOffsets(topic, partition, QUERY_LIMIT, callback),
      );
      return { earliest: lowOffset, latest: highOffset };
    } catch (error) {
      const code = codeOf(error);
      throw code === CODES.UNKNOWN_PARTITION || code === CODES.UNKNOWN_TOPIC
        ? unknownPartition(topic, partition)
        : error;
    }
  });
}

/** What the consumer's group has committed, in the order asked; below 0 where there is no position. */
export async function committed(
  handle: Handle<RdKafkaConsumer>,
  partitions: readonly TopicPartition[],
): Promise<readonly CommittedOffset[]> {
  if (partitions.length === 0) return [];
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition }));
  const found = await handle.call<(RdKafkaTopicPartition | Error)[]>((client, callback) =>
    client.committed(asked, QUERY_LIMIT, callback),
  );
  return partitions.map(({ topic, partition }, i) => {
    const entry = found[i] ?? unknownPartition(topic, partition);
    if (entry instanceof Error) throw coded(entry);
    return { offset: entry.offset ?? -1, metadata: '' };
  });
}
