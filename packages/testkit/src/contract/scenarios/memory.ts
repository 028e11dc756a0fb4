import { expect } from 'vitest';
import type { ChildEvent } from '../child/protocol.js';
import type { WrittenRecord } from '../harness/observer.js';
import type { World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** Records. That 100,000 keep no more than 1,000 is another scenario's affair (waiting.ts). */
const WAITING = 5_000;
/** Bytes. */
const MB = 1_000_000;
/** Of all lanes, less than the default so that fewer records show it. */
const TOTAL = 16 * 2 ** 20;
/** Of one lane, by default. */
const LANE = 8 * 2 ** 20;
/** Of one partition in one answer, at both clients' defaults. */
const FETCH = 2 ** 20;
/** What the client itself has in hand: answers under way, the copies of one batch. */
const CLIENT = 48 * MB;

type Weighed = Extract<ChildEvent, { type: 'weighed' }>;

interface Weighing {
  readonly topic: string;
  readonly tiers?: readonly number[];
  /** Handlers wait until a partition is paused. @default false */
  readonly untilPaused?: boolean;
  readonly buffer?: { readonly totalBytes: number };
  /** In how many partitions one must have begun before any ends. */
  readonly together?: number;
  readonly handled: number;
}

/** In a process of its own, so that the figures are the consumer's alone. */
async function weigh(
  world: World,
  { topic, tiers = [], buffer, untilPaused = false, together = 1, handled }: Weighing,
): Promise<Weighed> {
  const { groupId, adapter } = world;
  const consumer = {
    topic,
    groupId,
    startFrom: 'earliest',
    tiers,
    client: adapter.client.quick,
    ...(buffer && { buffer }),
  } as const;
  const child = world.child({ kind: 'weigh', consumer, untilPaused, together, handled }, ['--expose-gc']);
  await child.until('all are handled, and weighed', () => child.told('weighed').length > 0, 60_000);
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
        // The copies of those that fail come to the tier one by one, in answers with a megabyte of the source each.
        const large = { value: Buffer.alloc(0.9 * MB, 'x') };
        const flaky = { value: Buffer.alloc(900, 'flaky') };
        const passing = times(200, (i) => (i % 2 === 0 ? flaky : large));
        await fill(world, topic, passing);
        // Later than is believed: they are due one wait after they were written.
        const headers = [
          ['velo-group', world.groupId],
          ['velo-due', String(Date.now() + 3_600_000)],
        ] as const;
        const waiting = times(WAITING, () => ({ value: Buffer.alloc(100, 'x'), headers }));
        await fill(world, full, waiting);
        const handled = passing.length + waiting.length;
        const { kept } = await weigh(world, { topic, tiers: [3_000, 6_000], handled });
        expect(kept).toBeLessThan(2 * LANE + CLIENT);
      },
    },
    {
      name: 'where many partitions have records of 0.9 MB whose handlers do not end before all have begun: none starves',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const partitions = 50;
        const topic = await world.topic(partitions);
        const value = Buffer.alloc(0.9 * MB, 7);
        await fill(
          world,
          topic,
          times(4 * partitions, (i) => ({ partition: i % partitions, value })),
        );
        const { kept, paused } = await weigh(world, {
          topic,
          buffer: { totalBytes: TOTAL },
          together: partitions,
          handled: 4 * partitions,
        });
        expect(paused).toBe(true);
        // All that the lanes may have, and one fetch for each partition; 180 MB came.
        expect(kept).toBeLessThan(TOTAL + partitions * FETCH + CLIENT);
      },
    },
    {
      name: 'where records are small and their headers have 400 kB: they count, and the partition is paused',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const topic = await world.topic();
        const headers = times(40, (i) => [`trace-${i}`, Buffer.alloc(10_000, 'x')] as const);
        await fill(
          world,
          topic,
          times(200, () => ({ value: 'small', headers })),
        );
        const { kept, paused } = await weigh(world, { topic, untilPaused: true, handled: 200 });
        expect(paused).toBe(true);
        expect(kept).toBeLessThan(LANE + CLIENT);
      },
    },
    {
      name: 'where 105 MB come in 102 kB: their copy goes compressed, and the consumer goes on, at the defaults',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const topic = await world.topic();
        const bomb = 105 * MB;
        await world.observer.writeCompressed(topic, 'flaky'.padEnd(bomb, 'x'));
        await world.write(topic, 'good');
        const { kept } = await weigh(world, { topic, tiers: [200], handled: 2 });
        // As it came, as it is written, as it comes again, each with a copy of the client's.
        expect(kept).toBeLessThan(6 * bomb);
      },
    },
  ],
};
