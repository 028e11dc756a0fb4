import { fixed, PermanentError } from '@velo/retry-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchError } from '../src/attempts/batch-error.js';
import type { KafkaRecord } from '../src/binding/record.js';
import type { BatchContext, ConsumerConfig } from '../src/plan/config.js';
import { Consumers, text } from './support/consumers.js';
import { copyOf, recordWith } from './support/copies.js';
import {
  type LaneSetup,
  laneInTest,
  offsetOf,
  recordAt,
  recordsFrom,
  startAt,
  withKeys,
} from './support/lane-in-test.js';
import { settle } from './support/virtual-clock.js';

interface Call {
  readonly offsets: number[];
  readonly context: BatchContext;
  pass(): void;
  fail(error: unknown): void;
}

/** A batch's handler whose calls the test ends one by one. */
function batchGate() {
  const calls: Call[] = [];
  const handler = (records: readonly KafkaRecord[], context: BatchContext) =>
    new Promise<void>((pass, fail) => {
      calls.push({ offsets: records.map(offsetOf), context, pass: () => pass(), fail });
    });
  return { calls, handler, seen: () => calls.map(({ offsets }) => offsets) };
}

type Setup = Partial<Omit<LaneSetup, 'batch'>> & { batch?: Partial<NonNullable<ConsumerConfig['batch']>> };

function opened({ batch, ...setup }: Setup = {}) {
  const { calls, handler, seen } = batchGate();
  const test = laneInTest({ ...setup, batch: { handler, ...batch } } as LaneSetup);
  test.lane.open(startAt(0));
  return { ...test, calls, seen };
}

describe('a batch', () => {
  it('is what has come together, up to its limits; the next one is made up when it has ended', async () => {
    const { lane, calls, seen, toCommit } = opened({ batch: { maxRecords: 3 } });
    lane.push(recordsFrom(0, 5));
    lane.push(recordsFrom(5, 1));
    await settle();
    expect(seen()).toEqual([[0, 1, 2]]);
    expect(lane.queued).toBe(3);
    calls[0]?.pass();
    await settle();
    expect(seen()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(toCommit()).toBe(3);
    calls[1]?.pass();
    await settle();
    expect(toCommit()).toBe(6);
  });

  it('holds no more bytes than it may, and a record above that alone', async () => {
    const { lane, seen, calls } = opened({ batch: { maxBytes: 5_000 } });
    const sizes = [100, 4_900, 1, 9_000, 5_001];
    lane.push(sizes.map((size, offset) => recordAt(offset, { value: Buffer.alloc(size) })));
    for (let i = 0; i < 4; i++) {
      await settle();
      calls[i]?.pass();
    }
    await settle();
    expect(seen()).toEqual([[0, 1], [2], [3], [4]]);
  });

  it('waits for others as long as it may, and no longer than until it is full', async () => {
    const { lane, clock, seen, calls } = opened({ batch: { maxRecords: 3, maxWait: '1s' } });
    lane.push(recordsFrom(0, 1));
    await clock.advance(999);
    lane.push(recordsFrom(1, 1));
    expect(seen()).toEqual([]);
    await clock.advance(1);
    expect(seen()).toEqual([[0, 1]]);
    calls[0]?.pass();
    lane.push(recordsFrom(2, 4));
    await settle();
    expect(seen()).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
    calls[1]?.pass();
    await clock.advance(1_000);
    expect(seen()[2]).toEqual([5]);
    calls[2]?.pass();
  });

  it('runs beside others, no key in two at once', async () => {
    const { lane, seen, calls } = opened({ concurrency: 2, batch: { maxRecords: 2 } });
    lane.push(withKeys('abacbd'));
    await settle();
    // a b | a waits | c and, behind b, none of it | …
    expect(seen()).toEqual([
      [0, 1],
      [3, 5],
    ]);
    calls[0]?.pass();
    await settle();
    expect(seen()[2]).toEqual([2, 4]);
    calls[1]?.pass();
    calls[2]?.pass();
    await settle();
    expect(lane.position).toBe(6);
  });

  it('is seen while it runs, ends with its partition, and keeps nobody from the end', async () => {
    const { lane, calls, clock, seen } = opened({ batch: { maxRecords: 2 } });
    lane.push(recordsFrom(0, 5));
    await clock.advance(10);
    expect(lane.running.map(({ since }) => clock.now() - since)).toEqual([10]);
    let closed = false;
    void lane.close('test').then(() => {
      closed = true;
    });
    expect(calls[0]?.context.signal.aborted).toBe(true);
    expect(calls[0]?.context.contexts[1]?.signal.aborted).toBe(true);
    await settle();
    expect(closed).toBe(false);
    calls[0]?.fail(new Error('x'));
    await settle();
    expect(closed).toBe(true);
    expect(seen()).toEqual([[0, 1]]);
  });

  it('that is drained ends, and none begins', async () => {
    const { lane, calls, seen, toCommit } = opened({ batch: { maxRecords: 2 } });
    lane.push(recordsFrom(0, 5));
    await settle();
    const drained = lane.drain();
    calls[0]?.pass();
    await drained;
    expect(seen()).toEqual([[0, 1]]);
    expect(toCommit()).toBe(2);
  });

  it('begins no record that another member has committed meanwhile', async () => {
    const { lane, calls, seen } = opened({ batch: { maxRecords: 2 } });
    lane.push(recordsFrom(0, 5));
    await settle();
    lane.hold();
    calls[0]?.pass();
    await settle();
    lane.open(startAt(4));
    await settle();
    expect(seen()).toEqual([[0, 1], [4]]);
  });
});

describe('a record that fails', () => {
  const once = { inPlace: { maxAttempts: 1 } };

  it('is named by fail(), and goes on alone; the others are handled', async () => {
    const { lane, calls, told, copies, toCommit } = opened({ retry: once });
    lane.push(recordsFrom(0, 4));
    await settle();
    calls[0]?.context.fail(1, new PermanentError('bad'));
    calls[0]?.pass();
    await settle();
    expect(told('success').map(({ record }) => offsetOf(record))).toEqual([0, 2, 3]);
    expect(told('deadLetter')).toMatchObject([{ record: { offset: '1' }, totalAttempts: 1 }]);
    expect(copies).toHaveLength(1);
    expect(toCommit()).toBe(4);
  });

  it('is named by a BatchError', async () => {
    const { lane, calls, told } = opened({ retry: once });
    lane.push(recordsFrom(0, 3));
    await settle();
    calls[0]?.fail(new BatchError([{ index: 2, error: new PermanentError('bad') }]));
    await settle();
    expect(told('success').map(({ record }) => offsetOf(record))).toEqual([0, 1]);
    expect(told('deadLetter')).toMatchObject([{ record: { offset: '2' }, error: { message: 'bad' } }]);
    expect(calls).toHaveLength(1);
  });

  it('is tried again in place alone, while its key waits', async () => {
    const retry = { inPlace: { maxAttempts: 3, strategy: fixed(100) } };
    const { lane, clock, calls, seen, told } = opened({ retry, concurrency: 2, batch: { maxRecords: 2 } });
    lane.push(withKeys('abac'));
    await settle();
    calls[0]?.context.fail(0, new Error('busy'));
    calls[0]?.pass();
    calls[1]?.pass();
    await settle();
    expect(seen()).toEqual([[0, 1], [3]]);
    await clock.advance(100);
    expect(seen()[2]).toEqual([0]);
    expect(calls[2]?.context.contexts).toMatchObject([{ attempt: 2, totalAttempts: 2 }]);
    calls[2]?.context.fail(0, new Error('busy'));
    calls[2]?.pass();
    await clock.advance(100);
    expect(seen()[3]).toEqual([0]);
    calls[3]?.pass();
    await settle();
    expect(seen()[4]).toEqual([2]);
    expect(told('success').map(({ record, attempt }) => [offsetOf(record), attempt])).toEqual([
      [1, 1],
      [3, 1],
      [0, 3],
    ]);
  });

  it('is found by halving where the error names none', async () => {
    const batches: number[][] = [];
    const { lane, told } = opened({
      retry: once,
      batch: {
        handler: async (records: readonly KafkaRecord[]) => {
          batches.push(records.map(offsetOf));
          if (records.some(({ offset }) => offset === '5')) throw new PermanentError('bad');
        },
      },
    });
    lane.push(recordsFrom(0, 8));
    await settle();
    expect(batches).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5], [4], [5], [6, 7]]);
    expect(told('success').map(({ record }) => offsetOf(record))).toEqual([0, 1, 2, 3, 4, 6, 7]);
    expect(told('deadLetter')).toMatchObject([{ record: { offset: '5' }, totalAttempts: 1 }]);
  });

  it('goes on in its place, whether it was decoded or not', async () => {
    const { lane, calls, told } = opened({
      decode: (record) => {
        if (record.offset === '2') throw new Error('not of this schema');
        return record;
      },
    });
    lane.push(recordsFrom(0, 3));
    await settle();
    calls[0]?.context.fail(0, new PermanentError('no'));
    calls[0]?.pass();
    await settle();
    expect(told('deadLetter').map(({ record }) => record.offset)).toEqual(['0', '2']);
  });

  it('that cannot be decoded is in no batch', async () => {
    const { lane, seen, calls, told } = opened({
      decode: (record) => {
        if (record.offset === '1') throw new Error('not of this schema');
        return record;
      },
    });
    lane.push(recordsFrom(0, 3));
    await settle();
    expect(seen()).toEqual([[0, 2]]);
    calls[0]?.pass();
    await settle();
    expect(told('deadLetter')).toMatchObject([{ record: { offset: '1' }, reason: 'permanent' }]);
  });

  it('too late, or twice, is told and changes nothing; one that is not there fails the batch', async () => {
    const warnings: string[] = [];
    const { lane, calls, told, host } = opened({ retry: once });
    host.warn = (message: string) => void warnings.push(message);
    lane.push(recordsFrom(0, 1));
    await settle();
    const { context, pass } = calls[0] as Call;
    expect(() => context.fail(1, new Error('x'))).toThrow(/the index of fail\(\) is 1.*from 0 to 0/);
    context.fail(0, new PermanentError('first'));
    context.fail(0, new PermanentError('second'));
    pass();
    await settle();
    context.fail(0, new PermanentError('third'));
    expect(told('deadLetter')).toMatchObject([{ error: { message: 'first' } }]);
    expect(warnings).toEqual([
      expect.stringContaining('called again, for orders, partition 0, offset 0'),
      expect.stringContaining('after its batch had ended'),
    ]);
  });
});

describe('a handler that is late', () => {
  it('has its time for each call; its signals are aborted, and all comes to the halves', async () => {
    const { lane, clock, calls, seen } = opened({
      handlerTimeout: '1s',
      retry: { inPlace: { maxAttempts: 1 } },
    });
    lane.push(recordsFrom(0, 2));
    await clock.advance(1_000);
    expect(calls[0]?.context.signal.aborted).toBe(true);
    expect(seen()).toEqual([[0, 1], [0]]);
    // The next call has a signal of its own, for the batch and for each record.
    const [context] = calls[1]?.context.contexts ?? [];
    expect([calls[1]?.context.signal.aborted, context?.signal.aborted]).toEqual([false, false]);
    calls[1]?.pass();
    await settle();
    calls[2]?.pass();
    await settle();
    expect(lane.position).toBe(2);
  });
});

describe('a consumer in batches', () => {
  let consumers: Consumers;
  beforeEach(() => {
    consumers = new Consumers();
    consumers.cluster.create('orders');
  });
  afterEach(() => consumers.end());

  it('handles a tier’s records in batches, too: those that are due', async () => {
    const { cluster, clock } = consumers;
    const TIER = 'orders-billing-retry-5s';
    cluster.create(TIER);
    const batches: string[][] = [];
    consumers.start({
      handler: undefined,
      retry: { tiers: ['5s'] },
      batch: {
        handler: (records, { contexts }) => {
          batches.push(
            records.map((record, i) => `${text(record)} ${contexts[i]?.tier} ${contexts[i]?.totalAttempts}`),
          );
        },
      },
    });
    const begin = clock.wallTime();
    for (const [value, wait] of Object.entries({ a: 1_000, b: 1_000, c: 1_500 }))
      cluster.produce(TIER, 0, {
        value: Buffer.from(value),
        headers: copyOf(recordWith(), { due: begin + wait, state: { attempts: 3 } }),
      });
    await clock.advance(1_200);
    expect(batches).toEqual([['a 1 4', 'b 1 4']]);
    await clock.advance(1_000);
    expect(batches[1]).toEqual(['c 1 4']);
    await clock.advance(1_000);
    expect(cluster.committedOffset(TIER)).toBe(3);
  });
});

describe('whichever records are bad, and however the handler says it', () => {
  const ways = fc.constantFrom('throws', 'names', 'batch error', 'names, then throws', 'rejects');
  const world = fc.record({
    keys: fc.array(fc.nat(3), { minLength: 1, maxLength: 30 }),
    bad: fc.array(fc.nat(29), { maxLength: 6 }),
    pushes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
    way: ways,
    maxRecords: fc.integer({ min: 1, max: 8 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
  });

  it('each good one is handled successfully once, each bad one dead-lettered once, after one attempt, and all is committed', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ keys, bad, pushes, way, maxRecords, concurrency }) => {
        const isBad = ({ offset }: KafkaRecord) => bad.includes(Number(offset));
        const running = new Set<string>();
        const handler = async (records: readonly KafkaRecord[], context: BatchContext) => {
          expect(records.length).toBeLessThanOrEqual(maxRecords);
          const own = new Set(records.map(({ key }) => String(key)));
          for (const key of own) expect(running.has(key)).toBe(false);
          if (concurrency > 1) for (const key of own) running.add(key);
          await Promise.resolve();
          for (const key of own) running.delete(key);
          const guilty = records.flatMap((record, index) => (isBad(record) ? [index] : []));
          const [first] = guilty;
          if (first === undefined) return;
          const error = new PermanentError('bad');
          if (way === 'names') for (const index of guilty) context.fail(index, error);
          else if (way === 'batch error') throw new BatchError(guilty.map((index) => ({ index, error })));
          else if (way === 'names, then throws') {
            context.fail(first, error);
            if (guilty.length > 1) throw error;
          } else throw error;
        };
        const { lane, told, copies, toCommit, halted } = opened({
          concurrency,
          batch: { handler, maxRecords } as never,
        });
        const records = keys.map((key, offset) => recordAt(offset, { key: Buffer.from(String(key)) }));
        for (let at = 0, i = 0; at < records.length; i++) {
          const count = pushes[i % pushes.length] as number;
          lane.push(records.slice(at, at + count));
          at += count;
          if (i % 2 === 0) await settle();
        }
        await settle();
        await settle();
        const offsets = (list: readonly { record: KafkaRecord }[]) =>
          list.map(({ record }) => offsetOf(record)).sort((a, b) => a - b);
        const all = records.map(offsetOf);
        expect(offsets(told('success'))).toEqual(all.filter((offset) => !bad.includes(offset)));
        expect(offsets(told('deadLetter'))).toEqual(all.filter((offset) => bad.includes(offset)));
        expect(told('deadLetter').map(({ totalAttempts }) => totalAttempts)).toEqual(copies.map(() => 1));
        expect(toCommit()).toBe(records.length);
        expect(halted).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
