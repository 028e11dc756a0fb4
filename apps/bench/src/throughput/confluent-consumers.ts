import confluent from '@confluentinc/kafka-javascript';
import { createVelo } from '@velo/confluent';
import { configOf, consumeByLoop } from './rdkafka-consumers.js';
import type { ConsumeResult, ConsumeTask } from './task.js';
import { consumeByVelo } from './velo-consumer.js';

/** Confluent's client alone: its callback API is node-rdkafka's. */
export function consumeByConfluentLoop(task: ConsumeTask): Promise<ConsumeResult> {
  return consumeByLoop(confluent as unknown as Parameters<typeof consumeByLoop>[0], task);
}

export function consumeByVeloOnConfluent(task: ConsumeTask): Promise<ConsumeResult> {
  return consumeByVelo(createVelo(configOf(task)), task);
}
