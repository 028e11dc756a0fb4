import { setImmediate as turn } from 'node:timers/promises';
import { createVeloOn, type KafkaRecord, noHeaders } from '@velo/engine';
import { MEMORY_RECORDS, type MemoryPoint } from './key-memory.js';
import { bindMemoryTopic, TOPIC } from './memory-topic.js';

/** A process that handles a million records of so many keys, and tells what it needs at each tenth of them. */
const keys = Number(process.argv[2]);
const EACH = MEMORY_RECORDS / 10;
const MIB = 2 ** 20;

const value = Buffer.alloc(100, 'x');
const recordAt = (offset: number): KafkaRecord | undefined =>
  offset < MEMORY_RECORDS
    ? {
        topic: TOPIC,
        partition: 0,
        offset: String(offset),
        timestamp: 1_700_000_000_000,
        key: Buffer.from(`key-${offset % keys}`),
        value,
        headers: noHeaders,
      }
    : undefined;

let handled = 0;
let ended = () => {};
const done = new Promise<void>((resolve) => {
  ended = resolve;
});

const velo = createVeloOn(() => bindMemoryTopic(recordAt), { env: {} });
const consumer = velo.consumer({
  groupId: 'bench',
  topics: [TOPIC],
  startFrom: 'earliest',
  concurrency: 16,
  order: 'key',
  handler: async () => {
    // For a turn of the event loop, so that keys do run side by side.
    await turn();
    handled++;
    if (handled % EACH === 0) tell();
    if (handled === MEMORY_RECORDS) ended();
  },
});
await consumer.start();
await done;
await velo.close();
process.disconnect?.();

function tell(): void {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const point: MemoryPoint = { handled, heap: heapUsed / MIB, rss: rss / MIB };
  process.send?.(point);
}
