import { CLIENTS } from './clients.js';
import type { ConsumeTask } from './task.js';

/** A process that consumes a topic once and tells how fast that was. */
const task = JSON.parse(process.argv[2] ?? '') as ConsumeTask;
const consumers = await CLIENTS[task.client].load();
process.send?.(await consumers[task.contender](task));
process.disconnect?.();
