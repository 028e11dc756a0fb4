import { consumeByEachMessage, consumeByVeloOnKafkajs } from './kafkajs-consumers.js';
import type { ConsumeTask } from './task.js';

/** A process that consumes a topic once and tells how fast that was. */
const task = JSON.parse(process.argv[2] ?? '') as ConsumeTask;
const consume = task.contender === 'bare' ? consumeByEachMessage : consumeByVeloOnKafkajs;
process.send?.(await consume(task));
process.disconnect?.();
