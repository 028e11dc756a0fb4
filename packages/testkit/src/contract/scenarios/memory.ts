import { expect } from 'vitest';
import type { ChildEvent } from '../child/protocol.js';
import type { WrittenRecord } from '../harness/observer.js';
import type { World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** Records; 100,000 of them keep no more (measured once). */
const WAITING = 20_000;
/** Bytes. */
const MB = 1_000_000;
/** Of a consumer's lanes at the defaults (`buffer.totalBytes`), and of one lane (`buffer.bytes`). */
const TOTAL = 64 * 2 ** 20;
const LANE = 8 * 2 ** 20;
/** Of one partition in one answer, at both clients' defaults. */
const FETCH = 2 ** 20;
/** What the client itself has in hand: answers under way, the copies of one batch. */
const CLIENT = 32 * MB;

type Weighed = Extract<ChildEvent, { type: 'weighed' }>;

interface Weighing {
  readonly topic: string;
  readonly tiers?: readonly number[];
  /** ms */
  readonly handlerTime: number;
  /** In how many partitions one must have begun before any ends. */
  readonly together?: number;
  readonly handled: number;
}

/** In a process of its own, so that the figures are the consumer's alone. */
async function weigh(world: World, { topic, tiers = [], together = 1, ...rest }: Weighing): Promise<Weighed> {
  const { groupId, adapter } = world;
  const consumer = {
    topic,
    groupId,
    startFrom: 'earliest',
    tiers,
    client: adapter.client.quick,
  } as const;
  const child = world.child({ kind: 'weigh', consumer, together, ...rest }, ['--expose-gc']);
  await child.until('all are handled, and weighed', () => child.told('weighed').length > 0, 60_000);
  console.log(world.adapter.name, topic, JSON.stringify(child.told('weighed')[0]));
  return child.told('weighed')[0] as Weighed;
}

/** Writes the records, less than a megabyte in a request. */
async function fill(world: World, topic: string, records: readonly WrittenRecord[]): Promise<void> {
  let batch: WrittenRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
    if (batch.length === 1_000 || (batch.length > 0 && bytes + size > 0.9 * MB)) {
      await world.write(topic, ...batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  await world.write(topic, ...batch);
}

function sizeOf({ value, headers = [] }: WrittenRecord): number {
  return headers.reduce((sum, [, text]) => sum + (text?.length ?? 0), value?.length ?? 0);
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Whatever the records are like. On a real Kafka: the embedded broker keeps 5 MB of a partition. */
export const memory: ScenarioGroup = {
  name: 'memory is bounded',
  alone: true,
  scenarios: [
    {
      name: 'where small records wait that came in large answers, and thousands more behind them',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const topic = await world.topic();
        const [trickling, full] = [world.ownTopic(topic, 'retry-3s'), world.ownTopic(topic, 'retry-6s')];
        await world.observer.createTopic(trickling, 1);
        await world.observer.createTopic(full, 1);
        const plain = { value: Buffer.alloc(9_000, 'x') };
        const flaky = { value: Buffer.alloc(900, 'flaky') };
        // The copies of those that fail come to the tier in answers with a megabyte of the source each.
        const passing = times(12_000, (i) => (i % 50 === 0 ? flaky : plain));
        await fill(world, topic, passing);
        // Later than is believed: they are due one wait after they were written.
        const headers = [
          ['velo-group', world.groupId],
          ['velo-due', String(Date.now() + 3_600_000)],
        ] as const;
        const waiting = times(WAITING, () => ({ value: Buffer.alloc(100, 'x'), headers }));
        await fill(world, full, waiting);
        const handled = passing.length + waiting.length;
        const { kept } = await weigh(world, { topic, tiers: [3_000, 6_000], handlerTime: 0, handled });
        expect(kept).toBeLessThan(2 * LANE + CLIENT);
      },
    },
    {
      name: 'where 100 partitions have records of 0.9 MB whose handlers do not end before all have begun: none starves',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const topic = await world.topic(100);
        const value = Buffer.alloc(0.9 * MB, 7);
        const records = times(300, (i) => ({ partition: i % 100, value }));
        await fill(world, topic, records);
        const { kept, paused } = await weigh(world, { topic, handlerTime: 0, together: 100, handled: 300 });
        expect(paused).toBe(true);
        // All that the lanes may have, and one fetch for each partition.
        expect(kept).toBeLessThan(TOTAL + 100 * FETCH + CLIENT / 2);
      },
    },
    {
      name: 'where records are small and their headers have 400 kB: they count, and the partition is paused',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const headers = times(40, (i) => [`trace-${i}`, Buffer.alloc(10_000, 'x')] as const);
        await fill(
          world,
          topic,
          times(200, () => ({ value: 'small', headers })),
        );
        const { kept, paused } = await weigh(world, { topic, handlerTime: 10, handled: 200 });
        expect(paused).toBe(true);
        expect(kept).toBeLessThan(LANE + CLIENT);
      },
    },
  ],
};
