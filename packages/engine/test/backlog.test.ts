import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../src/sending/backlog.js';
import type { PendingRecord } from '../src/sending/pending-record.js';
import { settle } from './support/virtual-clock.js';

const MEBIBYTE = 1024 * 1024;

function copyOf(value: Buffer | null = null): PendingRecord {
  return {
    record: { topic: 'dlt', partition: 0, key: null, value, headers: [] },
    wanted: () => true,
    written() {},
    refused() {},
    dropped() {},
  };
}

/** Adds copies of `lane` for `target` for as long as there is room, one at a time as lanes do. */
function fill(backlog: Backlog, target: string, lane: object, value: Buffer | null = null): PendingRecord[] {
  const copies: PendingRecord[] = [];
  while (backlog.room(lane) === undefined) {
    const copy = copyOf(value);
    copies.push(copy);
    backlog.add(copy, target, lane);
  }
  return copies;
}

async function isOver(promise: Promise<void> | undefined): Promise<boolean> {
  let over = promise === undefined;
  void promise?.then(() => {
    over = true;
  });
  await settle();
  return over;
}

describe('the share of a target', () => {
  it('is half of 2,000 copies, of 16 MiB, where it is the only one', () => {
    expect(fill(new Backlog(), 'a', {})).toHaveLength(1_000);
    expect(fill(new Backlog(), 'a', {}, Buffer.alloc(MEBIBYTE))).toHaveLength(8);
  });

  it('leaves half of what is free to those that come later', () => {
    const backlog = new Backlog();
    expect(['a', 'b', 'c'].map((target) => fill(backlog, target, {}).length)).toEqual([1_000, 500, 250]);
  });

  it('is the same for all that fill it side by side', () => {
    const backlog = new Backlog();
    const lanes = Array.from({ length: 3 }, () => ({}));
    for (let round = 0; round < 600; round++) {
      lanes.forEach((lane, i) => {
        if (backlog.room(lane) === undefined) backlog.add(copyOf(), `target ${i}`, lane);
      });
    }
    expect(backlog.size).toBe(1_500);
  });

  it('is of a pool of their own for those whose writes fail: the others have theirs', () => {
    const backlog = new Backlog();
    for (let i = 0; i < 30; i++) {
      backlog.add(copyOf(), `dead ${i}`, {});
      backlog.mark(`dead ${i}`, true);
      fill(backlog, `dead ${i}`, {});
    }
    expect(fill(backlog, 'alive', {}).length).toBeGreaterThan(900);
  });

  it('counts again among the others once its writes succeed', () => {
    const backlog = new Backlog();
    fill(backlog, 'a', {});
    backlog.mark('a', true);
    backlog.mark('a', false);
    expect(fill(backlog, 'b', {})).toHaveLength(500);
  });
});

describe('room', () => {
  it('is missing for lanes with a copy for a target that has its share, whosever the others are', () => {
    const backlog = new Backlog();
    const lane = {};
    backlog.add(copyOf(), 'full', lane);
    backlog.add(copyOf(), 'other', lane);
    const other = {};
    backlog.add(copyOf(), 'other', other);
    fill(backlog, 'full', {});
    expect(backlog.room(lane)).toBeDefined();
    expect(backlog.room(other)).toBeUndefined();
    expect(backlog.room({})).toBeUndefined();
  });

  it('is told when a copy of that target is gone, and when its lane has none left', async () => {
    const backlog = new Backlog();
    const lane = {};
    const last = copyOf();
    backlog.add(last, 'full', lane);
    const copies = fill(backlog, 'full', {});
    const room = backlog.room(lane);
    expect(await isOver(room)).toBe(false);
    backlog.remove(copies[0] as PendingRecord);
    backlog.remove(copies[0] as PendingRecord);
    expect(await isOver(room)).toBe(true);
    expect(backlog.room(lane)).toBeUndefined();
    fill(backlog, 'full', {});
    backlog.remove(last);
    expect(backlog.room(lane)).toBeUndefined();
  });

  it('is told when its target fails, or no longer does: the other pool may have some', async () => {
    const backlog = new Backlog();
    const lane = {};
    fill(backlog, 'a', {});
    fill(backlog, 'b', lane);
    const room = backlog.room(lane);
    backlog.mark('a', true);
    expect(await isOver(room)).toBe(true);
    expect(backlog.room(lane)).toBeUndefined();
  });

  it('bounds what is on its way to two pools and one copy for each lane, and is there for each lane once none is', () => {
    const most = 20;
    const lanes = Array.from({ length: 10 }, (_, id) => ({ id }));
    const step = fc.record({
      act: fc.constantFrom('fill', 'fill', 'fail', 'succeed', 'drain'),
      lane: fc.constantFrom(...lanes),
      target: fc.nat(12).map((id) => `target ${id}`),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const backlog = new Backlog(most);
        const copies = new Map<string, PendingRecord[]>();
        for (const { act, lane, target } of steps) {
          const own = copies.get(target) ?? [];
          if (act === 'fill') copies.set(target, [...own, ...fill(backlog, target, lane)]);
          else if (act !== 'drain') backlog.mark(target, act === 'fail');
          else {
            for (const copy of own) backlog.remove(copy);
            copies.delete(target);
          }
          expect(backlog.size).toBeLessThanOrEqual(2 * most + lanes.length);
        }
        for (const copy of [...copies.values()].flat()) backlog.remove(copy);
        expect(backlog.size).toBe(0);
        for (const lane of lanes) expect(backlog.room(lane)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('changed', () => {
  it('resolves when a copy is gone, or at a wake', async () => {
    const backlog = new Backlog();
    const copy = copyOf();
    backlog.add(copy, 'a', undefined);
    const changed = backlog.changed();
    expect(await isOver(changed)).toBe(false);
    backlog.remove(copy);
    expect(await isOver(changed)).toBe(true);
    const woken = backlog.changed();
    backlog.wake();
    expect(await isOver(woken)).toBe(true);
  });
});
