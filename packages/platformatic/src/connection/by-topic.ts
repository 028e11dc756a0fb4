import { partitionKey } from '@velo/engine';

/** What several partitions are asked for, by topic, as requests take it. */
export function byTopic<P extends { readonly topic: string }, T>(
  partitions: readonly P[],
  part: (partition: P) => T,
): { name: string; partitions: T[] }[] {
  const topics = new Map<string, T[]>();
  for (const partition of partitions) {
    const list = topics.get(partition.topic);
    if (list === undefined) topics.set(partition.topic, [part(partition)]);
    else list.push(part(partition));
  }
  return [...topics].map(([name, list]) => ({ name, partitions: list }));
}

/** Answers by partition, as `partitionKey` names them. */
export function byPartition<P extends { readonly partitionIndex: number }>(
  topics: readonly { readonly name: string; readonly partitions: readonly P[] }[],
): Map<string, P> {
  return new Map(
    topics.flatMap(({ name, partitions }) =>
      partitions.map((partition) => [partitionKey(name, partition.partitionIndex), partition] as const),
    ),
  );
}
