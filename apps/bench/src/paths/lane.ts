import { createVeloOn, type KafkaRecord, noHeaders, type Observer } from '@velo/engine';
import { bindMemoryTopic, TOPIC } from '../lane/memory-topic.js';
import type { Path } from '../micro/path.js';

/** In one pass: enough that the consumer's start and stop vanish among them. */
export const RECORDS = 150_000;

type Handler = (record: KafkaRecord) => unknown;

/** One pass over all records, by a consumer of its own; gives the last offset that was handled. */
export async function byVelo(
  records: readonly KafkaRecord[],
  handle: Handler,
  observers: readonly Observer[] = [],
): Promise<number> {
  let handled = 0;
  let ended = () => {};
  const done = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const count = () => {
    if (++handled === records.length) ended();
  };
  const velo = createVeloOn(() => bindMemoryTopic((offset) => records[offset]), {
    env: {},
    logger: silent,
    observers,
  });
  const consumer = velo.consumer({
    groupId: 'bench',
    topics: [TOPIC],
    startFrom: 'earliest',
    order: 'partition',
    handler: (record) => {
      count();
      return handle(record);
    },
  });
  await consumer.start();
  await done;
  await velo.close();
  return handled;
}

/** What one writes without velo: handles each record, and keeps the offset to commit. */
function byLoop(records: readonly KafkaRecord[], handle: Handler): number {
  let toCommit = 0;
  for (const record of records) {
    handle(record);
    toCommit = Number(record.offset) + 1;
  }
  return toCommit;
}

async function byAwaitingLoop(records: readonly KafkaRecord[], handle: Handler): Promise<number> {
  let toCommit = 0;
  for (const record of records) {
    await handle(record);
    toCommit = Number(record.offset) + 1;
  }
  return toCommit;
}

/** A handler reads the value, so that no call can be left out. */
export class Reader {
  bytes = 0;

  readonly read = ({ value }: KafkaRecord): void => {
    this.bytes += value?.length ?? 0;
  };

  readonly readLater = async (record: KafkaRecord): Promise<void> => this.read(record);
}

const silent = { info() {}, warn() {}, error() {} };

export function recordsOf(count: number): KafkaRecord[] {
  const value = Buffer.alloc(100, 'x');
  return Array.from({ length: count }, (_, offset) => ({
    topic: TOPIC,
    partition: 0,
    offset: String(offset),
    timestamp: 1_700_000_000_000,
    key: null,
    value,
    headers: noHeaders,
  }));
}

/** `order: 'partition'`, as without a word about concurrency. */
function lanePath(handler: 'sync' | 'async'): Path {
  return {
    id: `lane-${handler}`,
    title: `a record through a consumer in memory, ${handler} handler`,
    units: RECORDS,
    inputs: () => [RECORDS],
    cases: () => {
      const records = recordsOf(RECORDS);
      const reader = new Reader();
      const handle = handler === 'sync' ? reader.read : reader.readLater;
      const loop = handler === 'sync' ? byLoop : byAwaitingLoop;
      const verify = () => {
        if (reader.bytes === 0) throw new Error('no record was handled');
      };
      return [
        { name: 'consumer', kind: 'velo', call: () => byVelo(records, handle), verify },
        { name: 'bare loop', kind: 'obvious', call: () => loop(records, handle) },
      ];
    },
  };
}

export const lanePaths: readonly Path[] = [lanePath('sync'), lanePath('async')];
