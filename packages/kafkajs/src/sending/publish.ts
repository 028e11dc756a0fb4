import { type OutgoingRecord, type PublishOutcome, partitionKey } from '@velo/engine';
import type { KafkaJsProducer } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { writePartition } from './write-partition.js';

/** One outcome for each record, in the same order. Each partition has its own sends, whatever befalls the others. */
export async function publish(
  producer: Connection<KafkaJsProducer>,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  const outcomes = new Array<PublishOutcome>(records.length);
  const writes = [...indexesByPartition(records).values()].map(async (indexes) => {
    const written = await writePartition(
      producer,
      indexes.map((index) => records[index] as OutgoingRecord),
    );
    indexes.forEach((index, i) => {
      outcomes[index] = written[i] as PublishOutcome;
    });
  });
  await Promise.all(writes);
  return outcomes;
}

export function indexesByPartition(records: readonly OutgoingRecord[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  records.forEach(({ topic, partition }, index) => {
    const key = partitionKey(topic, partition);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return groups;
}
