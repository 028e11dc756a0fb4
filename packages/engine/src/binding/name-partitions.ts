import { foreignText } from '@velo/retry-core';
import { MAX_NAME } from './legal-topic-name.js';
import type { TopicPartition } from './record.js';

/** How many partitions a message names. */
const MAX_NAMED = 20;

/** For people: `"orders" 0, 3; "refunds" 1 and 5 more`. */
export function namePartitions(partitions: readonly TopicPartition[]): string {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions.slice(0, MAX_NAMED))
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  const named = [...byTopic].map(
    ([topic, numbers]) => `"${foreignText(topic, MAX_NAME)}" ${numbers.join(', ')}`,
  );
  const more = partitions.length > MAX_NAMED ? ` and ${partitions.length - MAX_NAMED} more` : '';
  return named.join('; ') + more;
}
