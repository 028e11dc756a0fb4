import { describe, expect, it } from 'vitest';
import type { Attempt, Party } from '../src/attempt.js';
import { checkAttempts, ensureHandedOver } from '../src/rounds/attempts.js';
import { BYTES, type Written } from '../src/rounds/records.js';

const record = (value: string): Written => ({
  topic: 'orders-index',
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: 'k',
  value,
});

const made = (by: Party, value: string, attempt: number, more: Partial<Attempt> = {}): Attempt => ({
  by,
  topic: ['orders-index', 'orders-index-retry-0', 'orders-index-retry-1'][attempt - 1] as string,
  value,
  key: 'k',
  bytes: BYTES,
  attempt,
  early: false,
  ...more,
});

const faultsOf = (attempts: Attempt[], ...records: Written[]) =>
  checkAttempts('Spring', 'attempts', attempts, records).faults;

describe('attempts', () => {
  it('may be made by either, each once', () => {
    const attempts = [made('velo', 'fail', 1), made('velo', 'fail', 2), made('Spring', 'fail', 3)];
    expect(faultsOf(attempts, record('fail'))).toEqual([]);
    expect(faultsOf([...attempts, made('velo', 'fail', 3)], record('fail'))).toEqual([
      'orders-index-retry-1 fail 3: once too often',
    ]);
  });

  it('may lack one that Spring has handed on untried as it stopped, and no other', () => {
    const last = made('velo', 'fail', 3);
    expect(faultsOf([made('Spring', 'fail', 1), last], record('fail'))).toEqual([]);
    for (const attempts of [
      [made('velo', 'fail', 1), last],
      [made('Spring', 'fail', 1), made('Spring', 'fail', 3)],
    ])
      expect(faultsOf(attempts, record('fail'))).toHaveLength(1);
  });

  it('are as many as the record says', () => {
    const records = ['pass', 'pass at 2', 'permanent'].map(record);
    const once = records.map(({ value }) => made('velo', value, 1));
    expect(faultsOf(once, ...records)).toEqual(['orders-index-retry-0 pass at 2 2: missing']);
  });

  it('must not come early, and keep key and header', () => {
    const attempts = [made('velo', 'pass', 1, { early: true, key: null, bytes: '00' })];
    expect(faultsOf(attempts, record('pass')).length).toBe(3);
  });
});

describe('a hand-over', () => {
  const records = ['fail', 'pass at 2'].map(record);

  it('is seen where one has gone on with what the other has begun', () => {
    const attempts = [made('velo', 'fail', 1), made('velo', 'fail', 2), made('Spring', 'fail', 3)];
    expect(() => ensureHandedOver('velo', 'Spring', attempts, records)).not.toThrow();
    expect(() => ensureHandedOver('Spring', 'velo', attempts, records)).toThrow(
      /velo had no record of orders-index/,
    );
  });

  it('is seen across an attempt that a Spring which is stopped leaves out', () => {
    const attempts = [made('Spring', 'fail', 1), made('velo', 'fail', 3)];
    expect(() => ensureHandedOver('Spring', 'velo', attempts, records)).not.toThrow();
  });

  it('is not what each has done by itself', () => {
    const attempts = [
      made('velo', 'fail', 1),
      made('Spring', 'pass at 2', 1),
      made('Spring', 'pass at 2', 2),
    ];
    expect(() => ensureHandedOver('velo', 'Spring', attempts, records)).toThrow(/Spring had no record/);
  });
});
