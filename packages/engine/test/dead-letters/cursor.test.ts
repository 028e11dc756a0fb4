import { expect, it } from 'vitest';
import { lazyHeaders } from '../../src/binding/lazy-headers.js';
import type { KafkaRecord } from '../../src/binding/record.js';
import { Cursor } from '../../src/dead-letters/cursor.js';

const MiB = 1024 * 1024;

const record = (offset: number, bytes = 1): KafkaRecord => ({
  topic: 't',
  partition: 3,
  offset: String(offset),
  key: null,
  value: Buffer.alloc(bytes),
  headers: lazyHeaders(() => [], 0),
  timestamp: 0,
});
const range = (from: number, end: number) => Array.from({ length: end - from }, (_, i) => record(from + i));
const cursor = (from: number, end: number) => new Cursor({ topic: 't', partition: 3, from, end });
const taken = (from: Cursor) => {
  const offsets: number[] = [];
  for (let one = from.take(); one !== undefined; one = from.take()) offsets.push(Number(one.offset));
  return offsets;
};

it('stands where its span begins, and is done where there is nothing', () => {
  const fresh = cursor(10, 15);
  expect(fresh).toMatchObject({ topic: 't', partition: 3, next: 10, position: 10, end: 15 });
  expect(fresh).toMatchObject({ complete: false, done: false, isEmpty: true, isLow: true, isFull: false });
  expect(cursor(10, 10)).toMatchObject({ complete: true, done: true });
});

it('tells what was read and what was taken apart, and is done when both have come to the end', () => {
  const read = cursor(10, 13);
  read.push(range(10, 12));
  expect(read).toMatchObject({ next: 12, position: 10, complete: false, isEmpty: false });
  expect(read.take()?.offset).toBe('10');
  expect(read).toMatchObject({ next: 12, position: 11 });
  read.push(range(12, 13));
  expect(read).toMatchObject({ next: 13, position: 11, complete: true, done: false });
  expect(taken(read)).toEqual([11, 12]);
  expect(read).toMatchObject({ position: 13, done: true, isEmpty: true });
});

it('takes what is of its span, and once', () => {
  const read = cursor(10, 13);
  read.push(range(8, 12));
  read.push(range(9, 20));
  expect(taken(read)).toEqual([10, 11, 12]);
  expect(read.next).toBe(13);
});

it('passes over what the log does not have any more', () => {
  const read = cursor(10, 20);
  read.push([record(12), record(25)]);
  expect(taken(read)).toEqual([12]);
  expect(read).toMatchObject({ next: 20, done: true });
});

it('goes forward to what it is told, no further than its end, and never back', () => {
  const read = cursor(10, 20);
  read.reached(15);
  read.reached(12);
  expect(read).toMatchObject({ next: 15, position: 15, complete: false });
  read.reached(99);
  expect(read).toMatchObject({ next: 20, complete: true });
});

it('is full with a thousand records or two MiB, and low again with half of it', () => {
  const many = cursor(0, 5_000);
  many.push(range(0, 999));
  expect(many.isFull).toBe(false);
  many.push(range(999, 1_000));
  expect(many).toMatchObject({ isFull: true, isLow: false });
  for (let left = 1_000; left > 501; left--) many.take();
  expect(many.isLow).toBe(false);
  many.take();
  expect(many).toMatchObject({ isFull: false, isLow: true });

  const large = cursor(0, 5_000);
  large.push([record(0, 0.9 * MiB), record(1, 0.9 * MiB)]);
  expect(large).toMatchObject({ isFull: false, isLow: false });
  large.push([record(2, 0.3 * MiB)]);
  expect(large.isFull).toBe(true);
  taken(large);
  expect(large).toMatchObject({ isFull: false, isLow: true });
});

it('is longer where more is to be read, and never shorter', () => {
  const read = cursor(0, 2);
  read.push(range(0, 2));
  read.extend(1);
  expect(read).toMatchObject({ end: 2, complete: true });
  read.extend(4);
  expect(read).toMatchObject({ end: 4, complete: false });
});

it('ends where it is when its log is gone', () => {
  const read = cursor(0, 10);
  read.push([record(0), record(1, 3 * MiB), ...range(2, 4)]);
  read.take();
  read.sought = true;
  read.cut();
  expect(read).toMatchObject({ end: 4, next: 4, done: true, isLow: true, sought: false });
  expect(read.take()).toBeUndefined();
});
