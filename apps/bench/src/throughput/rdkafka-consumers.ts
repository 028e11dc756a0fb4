import { createVelo } from '@velo/rdkafka';
import type { Message } from 'node-rdkafka';
import nodeRdkafka from 'node-rdkafka';
import { Counter } from './counter.js';
import type { ConsumeResult, ConsumeTask } from './task.js';
import { consumeByVelo } from './velo-consumer.js';

const BATCH = 1_000;
/** ms between two looks at an empty queue. */
const IDLE_WAIT = 5;

export const configOf = ({ brokers }: ConsumeTask) => ({
  'client.id': 'velo-bench',
  'bootstrap.servers': brokers.join(),
});

/**
 * With librdkafka's own 100,000 records a partition and 64 MB, the whole topic is fetched before the clock runs, and what fetching
 * costs is in velo's figures alone. Over a topic that is larger than the queue, neither is faster.
 */
const AS_VELO_HAS_IT = { 'queued.min.messages': 10_000, 'queued.max.messages.kbytes': 16_384 } as const;

/** A client of librdkafka's, as far as it consumes. */
type Library = Pick<typeof nodeRdkafka, 'KafkaConsumer'>;

/**
 * A client of librdkafka's alone, as fast as it was seen: whole batches without a wait in the thread pool, a queue that is refilled
 * at once, offsets stored once a batch and committed by librdkafka. The handler is awaited only if it returns a promise.
 */
export async function consumeByLoop(library: Library, task: ConsumeTask): Promise<ConsumeResult> {
  const counter = new Counter(task);
  const handle = () => counter.count();
  const handler: () => void | Promise<void> = task.handler === 'async' ? async () => handle() : handle;
  const consumer = new library.KafkaConsumer(
    {
      ...configOf(task),
      'group.id': task.groupId,
      'enable.auto.commit': true,
      'enable.auto.offset.store': false,
      'fetch.queue.backoff.ms': 10,
      ...AS_VELO_HAS_IT,
      rebalance_cb: true,
    },
    { 'auto.offset.reset': 'earliest' },
  );
  await new Promise((resolve, reject) =>
    consumer.connect({}, (error, metadata) => (error ? reject(error) : resolve(metadata))),
  );
  consumer.setDefaultConsumeTimeout(0);
  consumer.subscribe([task.topic]);
  let stopped = false;
  let atRest = () => {};
  const poll = () => consumer.consume(BATCH, (_error, messages) => void take(messages ?? []));
  const take = async (messages: readonly Message[]) => {
    for (const _ of messages) {
      const pending = handler();
      if (pending !== undefined) await pending;
    }
    if (stopped) return atRest();
    if (messages.length === 0) return setTimeout(poll, IDLE_WAIT);
    consumer.offsetsStore(endsOf(messages));
    return setImmediate(poll);
  };
  poll();
  const result = await counter.done;
  await new Promise<void>((resolve) => {
    atRest = resolve;
    stopped = true;
  });
  await new Promise((resolve) => consumer.disconnect(resolve));
  return result;
}

/** The offset after the last message of each partition. */
function endsOf(messages: readonly Message[]): { topic: string; partition: number; offset: number }[] {
  const ends = new Map<number, { topic: string; partition: number; offset: number }>();
  for (const { topic, partition, offset } of messages)
    ends.set(partition, { topic, partition, offset: offset + 1 });
  return [...ends.values()];
}

export function consumeByConsumeLoop(task: ConsumeTask): Promise<ConsumeResult> {
  return consumeByLoop(nodeRdkafka, task);
}

export function consumeByVeloOnRdkafka(task: ConsumeTask): Promise<ConsumeResult> {
  return consumeByVelo(createVelo(configOf(task)), task);
}
