import { createVelo } from '@velo/kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import { Counter } from './counter.js';
import type { ConsumeResult, ConsumeTask } from './task.js';
import { consumeByVelo } from './velo-consumer.js';

const kafkaOf = ({ brokers }: ConsumeTask) =>
  new Kafka({ clientId: 'velo-bench', brokers: [...brokers], logLevel: logLevel.NOTHING });

/** kafkajs alone: `eachMessage`, as its documentation has it. */
export async function consumeByEachMessage(task: ConsumeTask): Promise<ConsumeResult> {
  const counter = new Counter(task);
  const consumer = kafkaOf(task).consumer({ groupId: task.groupId });
  await consumer.connect();
  await consumer.subscribe({ topics: [task.topic], fromBeginning: true });
  const handle = () => counter.count();
  // A synchronous handler is awaited all the same: kafkajs asks for a promise and awaits what it gets.
  const eachMessage = task.handler === 'async' ? async () => handle() : (handle as () => Promise<void>);
  await consumer.run({ eachMessage });
  const result = await counter.done;
  await consumer.disconnect();
  return result;
}

export function consumeByVeloOnKafkajs(task: ConsumeTask): Promise<ConsumeResult> {
  return consumeByVelo(createVelo(kafkaOf(task)), task);
}
