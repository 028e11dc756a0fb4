import { Consumer } from '@platformatic/kafka';
import { createVelo } from '@velo/platformatic';
import { Counter } from './counter.js';
import type { ConsumeResult, ConsumeTask } from './task.js';
import { consumeByVelo } from './velo-consumer.js';

const optionsOf = ({ brokers }: ConsumeTask) => ({
  clientId: 'velo-bench',
  bootstrapBrokers: [...brokers],
});

/** Bytes of an answer, and of one partition in it. Larger ones take more processor time, and smaller ones no less. */
const MAX_BYTES = 2_097_152;
const PARTITION_BYTES = 524_288;
const CONTROL = 0x20;

/**
 * @platformatic/kafka alone, as fast as it was seen: its `fetch` in a loop, from each broker that leads something, without a group
 * and without commits. Its stream is half as fast. The handler is awaited only if it returns a promise.
 */
export async function consumeByFetchLoop(task: ConsumeTask): Promise<ConsumeResult> {
  const counter = new Counter(task);
  const handle = () => counter.count();
  const handler: () => void | Promise<void> = task.handler === 'async' ? async () => handle() : handle;
  const consumer = new Consumer({ ...optionsOf(task), groupId: task.groupId, autocommit: false });
  consumer.topics.track(task.topic);
  const { topics } = await consumer.metadata({ topics: [task.topic] });
  const topic = topics.get(task.topic);
  if (topic === undefined) throw new Error(`there is no topic ${task.topic}`);
  // As numbers: each record is compared.
  const positions = topic.partitions.map(() => 0);
  let stopped = false;
  const loops = [...new Set(topic.partitions.map(({ leader }) => leader))].map(async (node) => {
    while (!stopped) {
      const partitions = positions.flatMap((position, partition) =>
        topic.partitions[partition]?.leader === node
          ? [
              {
                partition,
                fetchOffset: BigInt(position),
                currentLeaderEpoch: -1,
                lastFetchedEpoch: -1,
                partitionMaxBytes: PARTITION_BYTES,
              },
            ]
          : [],
      );
      const { responses } = await consumer.fetch({
        node,
        maxWaitTime: 500,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        topics: [{ topicId: topic.id, partitions }],
      });
      for (const { partitionIndex, records } of responses.flatMap((response) => response.partitions))
        for (const batch of records ?? []) {
          const first = Number(batch.firstOffset);
          const position = positions[partitionIndex] ?? 0;
          for (const { offsetDelta } of batch.attributes & CONTROL ? [] : batch.records) {
            if (first + offsetDelta < position) continue;
            const pending = handler();
            if (pending !== undefined) await pending;
          }
          positions[partitionIndex] = first + batch.lastOffsetDelta + 1;
        }
    }
  });
  const result = await counter.done;
  stopped = true;
  await Promise.allSettled(loops);
  await consumer.close(true);
  return result;
}

export function consumeByVeloOnPlatformatic(task: ConsumeTask): Promise<ConsumeResult> {
  return consumeByVelo(createVelo(optionsOf(task)), task);
}
