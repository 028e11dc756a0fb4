import { partitionKey, type TopicPartition } from './record.js';

/** The indexes of records that go to one partition together, by the partition. */
export function indexesByPartition(records: readonly TopicPartition[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, { topic, partition }] of records.entries()) {
    const key = partitionKey(topic, partition);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  }
  return groups;
}
