import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchContext, ConsumerConfig, HandlerContext, KafkaRecord, Velo } from '@velo/engine';
import { fixed } from '@velo/retry-core';
import { Counter } from './counter.js';
import type { ConsumeResult, ConsumeTask, Failing } from './task.js';

/** One record in so many fails, once. */
const FAILING_SHARE = 10;

/** ms; the shortest tier there can be. */
const TIER = 1;

const RETRY: Readonly<Record<Failing, NonNullable<ConsumerConfig['retry']>>> = {
  none: {},
  // Without a wait: what is measured is what a retry costs, not how long it was told to wait.
  'in-place': { inPlace: { maxAttempts: 2, strategy: fixed(0) } },
  tier: { inPlace: { maxAttempts: 1 }, tiers: [TIER] },
};

/** velo's consumer, whatever the client below. */
export async function consumeByVelo(velo: Velo, task: ConsumeTask): Promise<ConsumeResult> {
  const counter = new Counter(task);
  const handle = handlerOf(task.failing, counter);
  const work = async () => {
    if (task.work !== undefined) await sleep(task.work);
  };
  /** No promise more than the bare client's handler gives. */
  const waiting =
    task.work === undefined
      ? async (message: KafkaRecord, context: HandlerContext) => handle(message, context)
      : async (message: KafkaRecord, context: HandlerContext) => {
          await work();
          handle(message, context);
        };
  const together = async (messages: readonly KafkaRecord[], { contexts }: BatchContext) => {
    await work();
    for (const [index, message] of messages.entries()) handle(message, contexts[index] as HandlerContext);
  };
  const consumer = velo.consumer({
    groupId: task.groupId,
    topics: [task.topic],
    startFrom: 'earliest',
    retry: RETRY[task.failing],
    topology: { replicationFactor: 1 },
    concurrency: task.concurrency,
    ...(task.batch === undefined
      ? { handler: task.handler === 'sync' ? handle : waiting }
      : { batch: { maxRecords: task.batch, handler: together } }),
  });
  await consumer.start();
  const result = await counter.done;
  await velo.close();
  return result;
}

/** Made once: a stack trace for each would cost more than the retry, and is the handler's own expense. */
const NOT_YET = new Error('not yet');

function handlerOf(
  failing: Failing,
  counter: Counter,
): (message: KafkaRecord, context: HandlerContext) => void {
  if (failing === 'none') return () => counter.count();
  return (message, context) => {
    if (context.totalAttempts === 1 && Number(message.offset) % FAILING_SHARE === 0) throw NOT_YET;
    counter.count();
  };
}
