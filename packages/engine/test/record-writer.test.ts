import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingRecord, PublishOutcome } from '../src/binding/binding.js';
import type { PendingRecord } from '../src/sending/pending-record.js';
import type { RecordLane } from '../src/sending/record-lane.js';
import { RecordWriter } from '../src/sending/record-writer.js';
import { CAPABLE } from './support/capabilities.js';
import { kafkaError } from './support/memory-cluster.js';
import { settle, VirtualClock } from './support/virtual-clock.js';

const WRITTEN: PublishOutcome = { written: true };
const refusal = kafkaError(10, 'too large');
const outage = kafkaError(6, 'not the leader');

let clock: VirtualClock;
let batches: OutgoingRecord[][];
let answer: (batch: readonly OutgoingRecord[]) => Promise<readonly PublishOutcome[]>;
let retries: { error: unknown; delay: number }[];
/** What became of each record, by its key. */
let fates: string[];
let writer: RecordWriter;

beforeEach(() => {
  clock = new VirtualClock();
  batches = [];
  retries = [];
  fates = [];
  answer = async (batch) => batch.map(() => WRITTEN);
  writer = new RecordWriter({
    capabilities: CAPABLE,
    clock,
    strategy: { kind: 'growing', delay: (index) => 100 * (index + 1) },
    onRetry: (_, error, delay) => retries.push({ error, delay }),
    publish: (batch) => {
      batches.push([...batch]);
      return answer(batch);
    },
  });
});

interface Given extends Partial<OutgoingRecord> {
  readonly wanted?: () => boolean;
  readonly lane?: RecordLane;
}

function add(key: string, { wanted = () => true, lane, ...given }: Given = {}): void {
  const pending: PendingRecord = {
    record: { topic: 'dlt', partition: 0, key, value: null, headers: [], ...given },
    wanted,
    written: (offset) => fates.push(`${key} written ${offset ?? ''}`.trim()),
    refused: (error) => fates.push(`${key} refused ${(error as Error).message}`),
    dropped: () => fates.push(`${key} dropped`),
    failed: () => fates.push(`${key} failed`),
  };
  writer.add(pending, lane);
}

/** Answers that wait until the test gives them, in order. */
function held() {
  const waiting: ((outcomes: readonly PublishOutcome[]) => void)[] = [];
  answer = () => new Promise((resolve) => waiting.push(resolve));
  return (i: number, ...outcomes: PublishOutcome[]) => waiting[i]?.(outcomes);
}

const keys = () => batches.map((batch) => batch.map(({ key }) => key).join(''));

async function isOver(promise: Promise<void> | undefined): Promise<boolean> {
  let over = false;
  void promise?.then(() => {
    over = true;
  });
  await settle();
  return over;
}

describe('batches', () => {
  it('waits for many partitions at once without a warning of a leak', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    answer = async (batch) => batch.map(() => ({ written: false, error: outage }));
    for (let partition = 0; partition < 30; partition++) add(`${partition}`, { partition });
    await settle();
    expect(retries).toHaveLength(30);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
    writer.close();
  });

  it('take what came in the same turn, and later what came while one was under way', async () => {
    const give = held();
    add('a');
    add('b');
    await settle();
    add('c');
    add('d');
    await settle();
    expect(keys()).toEqual(['ab']);
    give(0, WRITTEN, WRITTEN);
    await settle();
    expect(keys()).toEqual(['ab', 'cd']);
    give(1, WRITTEN, WRITTEN);
    await settle();
    expect(writer.pending).toBe(0);
  });

  it('of other partitions do not wait for each other', async () => {
    held();
    add('a');
    add('b', { partition: 1 });
    add('c', { topic: 'other' });
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c']);
  });

  it('hold 500 records at most', async () => {
    for (let i = 0; i < 1_001; i++) add('a');
    await settle();
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 1]);
  });

  it.each([
    { part: 'keys', given: (size: number) => ({ key: Buffer.alloc(size) }) },
    { part: 'values', given: (size: number) => ({ value: Buffer.alloc(size) }) },
    { part: 'texts', given: (size: number) => ({ value: 'x'.repeat(size) }) },
    { part: "headers' names", given: (size: number) => ({ headers: [['n'.repeat(size), null]] as const }) },
    { part: "headers' values", given: (size: number) => ({ headers: [['', 'v'.repeat(size)]] as const }) },
    {
      part: 'all together',
      given: (size: number) => ({
        key: Buffer.alloc(size - 1_000),
        value: 'x'.repeat(500),
        headers: [
          ['n'.repeat(250), null],
          ['n'.repeat(100), 'v'.repeat(150)],
        ] as const,
      }),
    },
  ])('hold 512 KiB at most: $part', async ({ given }) => {
    const quarter = 128 * 1024;
    for (let i = 0; i < 4; i++) add('', given(quarter));
    add('', given(1_100));
    await settle();
    expect(batches.map(({ length }) => length)).toEqual([4, 1]);
  });

  it('hold at least one record, however large', async () => {
    const value = Buffer.alloc(2 * 1024 * 1024);
    add('a', { value });
    add('b', { value });
    add('c');
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c']);
  });
});

describe('outcomes', () => {
  it('are told to each record: written with its offset, refused with its error', async () => {
    answer = async () => [{ written: true, offset: '7' }, { written: false, error: refusal }, WRITTEN];
    for (const key of ['a', 'b', 'c']) add(key);
    await settle();
    expect(fates).toEqual(['a written 7', 'b refused too large', 'c written']);
    expect([writer.pending, writer.failing, clock.pending]).toEqual([0, false, 0]);
  });

  it.each([
    { what: 'an outage', code: 6 },
    { what: 'a client that is of no more use: the adapter makes another one', code: 45 },
    { what: 'an error that nobody knows', code: 32_000 },
  ])('that need no person are never refused: $what', async ({ code }) => {
    answer = async () => [batches.length < 3 ? { written: false, error: kafkaError(code) } : WRITTEN];
    add('a');
    await clock.advance(1_000);
    expect(fates).toEqual(['a failed', 'a failed', 'a written']);
  });

  it('that may pass are tried again before what came later, after growing waits', async () => {
    answer = async (batch) =>
      batch.map(({ key }) =>
        key === 'b' && batches.length < 3 ? { written: false, error: outage } : WRITTEN,
      );
    add('a');
    add('b');
    await settle();
    add('c');
    expect(writer.failing).toBe(true);
    await clock.advance(99);
    expect(keys()).toEqual(['ab']);
    await clock.advance(1);
    expect(keys()).toEqual(['ab', 'bc']);
    await clock.advance(200);
    expect(keys()).toEqual(['ab', 'bc', 'b']);
    expect(fates).toEqual(['a written', 'b failed', 'b failed', 'c written', 'b written']);
    expect(retries).toEqual([
      { error: outage, delay: 100 },
      { error: outage, delay: 200 },
    ]);
    expect([writer.pending, writer.failing]).toEqual([0, false]);
  });

  it('after a success, waits begin anew', async () => {
    let fail = true;
    answer = async (batch) => batch.map(() => (fail ? { written: false, error: outage } : WRITTEN));
    add('a');
    await clock.advance(150);
    fail = false;
    add('b');
    await clock.advance(1_000);
    fail = true;
    add('c');
    await clock.advance(50);
    expect(retries.map(({ delay }) => delay)).toEqual([100, 200, 100]);
    writer.close();
  });

  it('a client that rejects has written nothing that is known of: all is tried again', async () => {
    let fail = true;
    answer = async (batch) => {
      if (fail) throw outage;
      return batch.map(() => WRITTEN);
    };
    add('a');
    add('b');
    await settle();
    expect(retries).toEqual([{ error: outage, delay: 100 }]);
    fail = false;
    await clock.advance(100);
    expect(keys()).toEqual(['ab', 'ab']);
    expect(fates.slice(2)).toEqual(['a written', 'b written']);
  });

  it('a client that gives too few outcomes has not written the rest', async () => {
    answer = async () => [WRITTEN];
    add('a');
    add('b');
    await settle();
    expect(fates[0]).toBe('a written');
    expect(fates[1]).not.toContain('written');
    writer.close();
    await settle();
    expect(writer.pending).toBe(0);
  });
});

describe('failing', () => {
  it('is said while any partition fails, and no longer', async () => {
    let failing = ['0', '1'];
    answer = async (batch) =>
      batch.map(({ partition }) =>
        failing.includes(String(partition)) ? { written: false, error: outage } : WRITTEN,
      );
    add('a');
    add('b', { partition: 1 });
    add('c', { partition: 2 });
    await settle();
    expect(writer.failing).toBe(true);
    failing = ['1'];
    await clock.advance(100);
    expect(writer.failing).toBe(true);
    failing = [];
    await clock.advance(1_000);
    expect(writer.failing).toBe(false);
  });

  it('ends where what failed is not wanted any more', async () => {
    answer = async (batch) => batch.map(() => ({ written: false, error: outage }));
    let wanted = true;
    add('a', { wanted: () => wanted });
    await settle();
    expect(writer.failing).toBe(true);
    wanted = false;
    await clock.advance(100);
    expect(fates).toEqual(['a failed', 'a dropped']);
    expect([writer.pending, writer.failing, batches.length]).toEqual([0, false, 1]);
    answer = async (batch) => batch.map(() => WRITTEN);
    add('b');
    await settle();
    expect([fates.at(-1), writer.failing]).toEqual(['b written', false]);
  });

  it('is not said of records that were dropped before they were sent', async () => {
    add('a', { wanted: () => false });
    await settle();
    expect([fates, writer.pending, writer.failing, batches]).toEqual([['a dropped'], 0, false, []]);
    answer = async (batch) => batch.map(() => ({ written: false, error: outage }));
    add('b');
    await settle();
    expect(writer.failing).toBe(true);
    writer.close();
  });
});

describe('room', () => {
  const [lane, other] = [{}, {}] as [RecordLane, RecordLane];

  it('is for 1,000 copies to one partition, for lanes that have some there', async () => {
    const give = held();
    for (let i = 0; i < 999; i++) add('a', { lane });
    expect(writer.room(lane)).toBeUndefined();
    add('a', { lane });
    const room = writer.room(lane);
    expect(room).toBeDefined();
    expect(await isOver(room)).toBe(false);
    expect(writer.room(other)).toBeUndefined();
    give(0, ...Array.from({ length: 500 }, () => WRITTEN));
    expect(await isOver(room)).toBe(true);
    expect(writer.room(lane)).toBeUndefined();
  });

  it('is for 8 MiB to one partition', async () => {
    const give = held();
    const value = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 7; i++) add('', { value, lane });
    add('', { value: value.subarray(1), lane });
    expect(writer.room(lane)).toBeUndefined();
    add('x', { lane });
    expect(writer.room(lane)).toBeDefined();
    await settle();
    give(0, WRITTEN);
    await settle();
    expect(writer.room(lane)).toBeUndefined();
  });

  it('is there again for all of it when all is written', async () => {
    const value = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 40; i++) add('', { value, lane });
    expect(writer.room(lane)).toBeDefined();
    await settle();
    expect(writer.room(lane)).toBeUndefined();
    for (let i = 0; i < 7; i++) add('', { value, lane });
    expect(writer.room(lane)).toBeUndefined();
    add('', { value, lane });
    expect(writer.room(lane)).toBeDefined();
  });

  it('of partitions that are written to is not taken by copies for partitions that cannot be', async () => {
    answer = async (batch) =>
      batch.map(({ partition }) => (partition > 0 ? { written: false, error: outage } : WRITTEN));
    for (let partition = 1; partition <= 3; partition++) {
      for (let i = 0; i < 1_000; i++) add('a', { partition, lane: other });
      await clock.advance(50);
    }
    expect(writer.room(other)).toBeDefined();
    held();
    for (let i = 0; i < 3; i++) add('b', { lane });
    expect(writer.room(lane)).toBeUndefined();
    writer.close();
  });

  it('counts a partition that is written to again among the others', async () => {
    let fails = true;
    answer = async (batch) => batch.map(() => (fails ? { written: false, error: outage } : WRITTEN));
    for (let i = 0; i < 1_000; i++) add('a', { lane });
    await clock.advance(50);
    fails = false;
    await clock.advance(60_000);
    expect(writer.room(lane)).toBeUndefined();
    held();
    for (let i = 0; i < 1_000; i++) add('b', { lane });
    for (let i = 0; i < 500; i++) add('b', { partition: 1, lane: other });
    expect(writer.room(other)).toBeDefined();
  });
});

describe('the end', () => {
  it('idle resolves at once where nothing is pending, else with the last answer', async () => {
    expect(await isOver(writer.idle())).toBe(true);
    const give = held();
    add('a');
    add('b', { partition: 1 });
    const idle = writer.idle();
    await settle();
    give(0, WRITTEN);
    expect(await isOver(idle)).toBe(false);
    give(1, WRITTEN);
    expect(await isOver(idle)).toBe(true);
  });

  it('close cuts the waits and drops what is not sent; what is under way still gets its answer', async () => {
    let give = (_: readonly PublishOutcome[]) => {};
    answer = (batch) =>
      batch[0]?.partition === 1
        ? new Promise((resolve) => {
            give = resolve;
          })
        : Promise.resolve(batch.map(() => ({ written: false, error: outage })));
    add('a');
    add('b', { partition: 1 });
    await settle();
    add('c', { partition: 1 });
    const idle = writer.idle();
    writer.close();
    expect(await isOver(idle)).toBe(true);
    expect([clock.pending, fates]).toEqual([0, ['a failed', 'a dropped']]);
    give([WRITTEN]);
    await settle();
    expect(fates.slice(2)).toEqual(['b written', 'c dropped']);
    expect([writer.pending, writer.failing, batches.length]).toEqual([0, false, 2]);
    expect(await isOver(writer.idle())).toBe(true);
  });

  it('a send that fails after close is not waited for', async () => {
    const give = held();
    add('a');
    await settle();
    writer.close();
    give(0, { written: false, error: outage });
    await settle();
    expect([fates, retries, clock.pending]).toEqual([['a failed', 'a dropped'], [], 0]);
    expect([writer.pending, writer.failing]).toEqual([0, false]);
  });

  it('what comes after close is dropped', async () => {
    writer.close();
    add('a');
    await settle();
    expect([fates, batches, writer.pending]).toEqual([['a dropped'], [], 0]);
  });
});
