import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lazyHeaders } from '../src/binding/lazy-headers.js';
import type { KafkaRecord, TopicPartition } from '../src/binding/record.js';
import { sizeInBytes } from '../src/binding/record-size.js';
import { LaneBuffer } from '../src/lanes/buffer.js';
import { SharedBuffer } from '../src/lanes/shared-buffer.js';
import { recordAt } from './support/lane-in-test.js';
import { VirtualClock } from './support/virtual-clock.js';

const KB = 1_000;
const MB = 1_000_000;

/** A record of `bytes` in all, cut from memory of `within`. */
function cut(bytes: number, within = bytes, offset = 0): KafkaRecord {
  const memory = Buffer.from(new ArrayBuffer(Math.max(within, bytes)));
  return recordAt(offset, { value: memory.subarray(0, bytes - sizeInBytes(recordAt(0))) });
}

function buffers(count: number, { total = MB, bufferRecords = 2_000, bufferBytes = 100 * MB } = {}) {
  const clock = new VirtualClock();
  const buffer = new SharedBuffer(clock, total);
  const paused = new Set<number>();
  const host = {
    bufferRecords,
    bufferBytes,
    buffer,
    pause: ({ partition }: TopicPartition) => paused.add(partition),
    resume: ({ partition }: TopicPartition) => paused.delete(partition),
  };
  const lanes = Array.from(
    { length: count },
    (_, partition) => new LaneBuffer({ topic: 'orders', partition }, host),
  );
  return { clock, buffer, lanes: lanes as [LaneBuffer, ...LaneBuffer[]], paused };
}

function push(lane: LaneBuffer, ...records: KafkaRecord[]): void {
  for (const record of records) lane.push(record, Number(record.offset));
  lane.pauseIfFull();
  lane.watch();
}

const memoryOf = ({ value }: KafkaRecord) => value?.buffer.byteLength ?? 0;

describe('the size of a record', () => {
  it('counts its headers, which nobody has looked at', () => {
    const read = () => {
      throw new Error('looked at');
    };
    const bare = sizeInBytes(recordAt(0));
    expect(sizeInBytes(recordAt(0, { headers: lazyHeaders(read, 400_000) }))).toBe(bare + 400_000);
    expect(sizeInBytes(recordAt(0, { key: Buffer.alloc(7), value: Buffer.alloc(90) }))).toBe(bare + 97);
  });
});

describe('what all partitions keep together', () => {
  it('is half of the total where one is full, and the largest is paused first', () => {
    const { lanes, paused } = buffers(3);
    const [first, second, third] = lanes as [LaneBuffer, LaneBuffer, LaneBuffer];
    for (let i = 0; i < 6; i++) if (!paused.has(0)) push(first, cut(100 * KB));
    expect([first.length, [...paused]]).toEqual([6, [0]]);
    push(second, cut(100 * KB));
    push(third, cut(100 * KB), cut(100 * KB));
    expect([...paused]).toEqual([0, 2]);
    push(second, cut(50 * KB));
    expect([...paused]).toEqual([0, 2, 1]);
  });

  it('counts the record that runs, until it has ended', () => {
    const { lanes, paused, buffer } = buffers(2);
    const [first, second] = lanes as [LaneBuffer, LaneBuffer];
    push(first, cut(600 * KB));
    first.take();
    expect(buffer.free).toBe(400 * KB);
    push(second, cut(500 * KB));
    expect([...paused]).toEqual([0, 1]);
    first.release();
    expect([buffer.free, [...paused]]).toEqual([500 * KB, [1]]);
    second.take();
    second.release();
    expect([buffer.free, [...paused]]).toEqual([MB, []]);
  });

  it('lets a partition with nothing left fetch in any case: none starves', () => {
    const { lanes, paused } = buffers(2);
    const [full, poor] = lanes as [LaneBuffer, LaneBuffer];
    push(full, cut(2 * MB));
    for (let i = 0; i < 5; i++) {
      push(poor, cut(10 * KB), cut(10 * KB));
      expect(paused.has(1)).toBe(true);
      poor.take();
      poor.take();
      expect(paused.has(1)).toBe(true);
      poor.release();
      expect(paused.has(1)).toBe(false);
    }
    full.clear();
    push(poor, cut(10 * KB));
    expect(paused.has(1)).toBe(false);
  });

  it('does not pause a partition for records that it knew and dropped', () => {
    const { lanes, paused } = buffers(2);
    push(lanes[0], cut(2 * MB));
    push(lanes[1] as LaneBuffer);
    expect([...paused]).toEqual([0]);
  });

  it('exceeds the total by one fetch for each partition at most, whatever comes; each goes on once it has nothing', () => {
    const total = 10_000;
    const most = { records: 3, bytes: 2_000 };
    const step = fc.record({
      lane: fc.nat(19),
      records: fc.array(fc.integer({ min: 500, max: most.bytes }), { maxLength: most.records }),
      takes: fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { lanes, paused, buffer } = buffers(20, { total });
        for (const { lane, records, takes } of steps) {
          const own = lanes[lane] as LaneBuffer;
          if (!paused.has(lane)) push(own, ...records.map((bytes) => cut(bytes)));
          for (let i = 0; i < takes; i++) own.take();
          if (own.length === 0) own.release();
          if (own.length === 0) expect(paused.has(lane)).toBe(false);
          expect(buffer.free).toBeGreaterThanOrEqual(-lanes.length * most.records * most.bytes);
          const kept = lanes.reduce((sum, { bytes }) => sum + bytes, 0);
          expect(kept).toBeLessThanOrEqual(total - buffer.free);
        }
        for (const lane of lanes) lane.clear();
        expect(buffer.free).toBe(total);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a record that waits', () => {
  it('has memory of its own soon: a fetched answer is not kept for a few bytes', async () => {
    const { clock, lanes } = buffers(1);
    const records = [1, 2, 3].map((offset) => cut(900, MB, offset));
    const values = records.map(({ value }) => Buffer.from(value as Buffer));
    push(lanes[0], ...records);
    lanes[0].take();
    await clock.advance(200);
    expect(records.map(memoryOf).every((bytes) => bytes < 10_000)).toBe(true);
    expect(records.map(({ value }) => value)).toEqual(values);
    expect(clock.pending).toBe(0);
  });

  it('has it, however soon, once some megabytes have come behind it: each that waits may keep a whole answer', () => {
    const { clock, lanes } = buffers(2, { total: 100 * MB });
    const [tier, source] = lanes as [LaneBuffer, LaneBuffer];
    const begin = clock.now();
    const records = Array.from({ length: 40 }, (_, offset) => cut(900, MB, offset));
    for (const record of records) {
      push(tier, record);
      push(source, cut(MB));
      source.take();
      source.release();
    }
    const kept = records.filter((record) => memoryOf(record) >= MB).length;
    expect(kept).toBeLessThanOrEqual(18);
    expect(kept).toBeGreaterThan(0);
    expect(clock.now()).toBe(begin);
  });

  it('has its key and its headers copied, too, which stay what they were', async () => {
    const { clock, lanes } = buffers(1);
    const memory = Buffer.alloc(MB, 'x');
    let reads = 0;
    const headers = lazyHeaders(() => {
      reads++;
      return [
        ['a', memory.subarray(0, 10)],
        ['b', null],
      ];
    }, 11);
    const record = recordAt(0, { key: memory.subarray(5, 9), headers });
    const looked = recordAt(1, {
      headers: lazyHeaders(() => [['c', memory.subarray(0, 3)]], 4),
    });
    expect(looked.headers.get('c')?.toString()).toBe('xxx');
    push(lanes[0], record, looked);
    await clock.advance(200);
    expect([record.key?.toString(), record.key?.buffer.byteLength]).not.toContain(MB);
    expect(record.key?.toString()).toBe('xxxx');
    expect([...record.headers]).toEqual([
      ['a', Buffer.alloc(10, 'x')],
      ['b', null],
    ]);
    for (const value of [record.headers.get('a'), looked.headers.get('c')])
      expect(value?.buffer.byteLength).toBeLessThan(MB);
    expect(looked.headers.get('c')?.toString()).toBe('xxx');
    expect(reads).toBe(1);
  });

  it('has headers that nobody has looked at copied as they came, and read later', async () => {
    const { clock, lanes } = buffers(1);
    const raw = Buffer.alloc(MB, 'x').subarray(0, 20);
    let read: Buffer | undefined;
    const headers = lazyHeaders(
      (bytes) => {
        read = bytes;
        return [['a', bytes.subarray(0, 2)]];
      },
      raw.length,
      raw,
    );
    push(lanes[0], recordAt(0, { headers }));
    await clock.advance(200);
    expect(read).toBeUndefined();
    expect(headers.get('a')?.toString()).toBe('xx');
    expect(read).toEqual(raw);
    expect(read?.buffer.byteLength).toBeLessThan(10_000);
  });

  it('is left where it is while it passes at once, and where it is most of its memory', async () => {
    const { clock, lanes } = buffers(1);
    const passing = cut(900, MB);
    push(lanes[0], passing);
    lanes[0].take();
    lanes[0].release();
    const large = cut(600 * KB, MB);
    push(lanes[0], large);
    await clock.advance(1_000);
    expect(memoryOf(passing)).toBe(MB);
    expect(memoryOf(large)).toBe(MB);
  });

  it('is looked at once, however many come after it', async () => {
    const { clock, lanes } = buffers(1, { total: 1_000 * MB });
    const records: KafkaRecord[] = [];
    for (let i = 0; i < 30; i++) {
      const record = cut(900, MB, i);
      records.push(record);
      push(lanes[0], record);
      await clock.advance(50);
      if (i % 3 === 0) lanes[0].take();
      // Of what has come in the last 200 ms at most.
      expect(records.filter((one) => memoryOf(one) === MB).length).toBeLessThanOrEqual(5);
    }
    await clock.advance(200);
    expect(records.map(memoryOf).every((bytes) => bytes < 10_000)).toBe(true);
  });

  it('costs no timer after the end', async () => {
    const { clock, lanes, buffer } = buffers(1);
    push(lanes[0], cut(900, MB));
    buffer.close();
    push(lanes[0], cut(900, MB));
    expect(clock.pending).toBe(0);
  });
});
