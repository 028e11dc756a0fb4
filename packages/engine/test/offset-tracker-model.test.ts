import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetTracker } from '../src/offsets/offset-tracker.js';

/** What the tracker promises, said plainly: the least offset that has begun and not finished, else the next one. */
class PlainTracker {
  readonly open = new Set<number>();
  next: number;

  constructor(position: number) {
    this.next = position;
  }

  get position(): number {
    return this.open.size > 0 ? Math.min(...this.open) : this.next;
  }

  advance(position: number): void {
    for (const offset of this.open) if (offset < position) this.open.delete(offset);
    this.next = Math.max(this.next, position);
  }
}

type Step =
  | { readonly do: 'begin'; readonly gap: number }
  | { readonly do: 'finish' | 'finish a stranger' | 'advance'; readonly choice: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('begin' as const), gap: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish' as const), choice: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('finish a stranger' as const), choice: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), choice: fc.nat(80) }) },
);

function take(tracker: OffsetTracker, plain: PlainTracker, taken: Step): void {
  if (taken.do === 'begin') {
    const offset = plain.next + taken.gap;
    tracker.begin(offset);
    plain.open.add(offset);
    plain.next = offset + 1;
  } else if (taken.do === 'finish') {
    const offset = [...plain.open][taken.choice % Math.max(1, plain.open.size)];
    if (offset === undefined) return;
    tracker.finish(offset);
    plain.open.delete(offset);
  } else if (taken.do === 'advance') {
    tracker.advance(taken.choice);
    plain.advance(taken.choice);
  } else if (!plain.open.has(taken.choice)) tracker.finish(taken.choice);
}

/** All that a run of steps can reach. */
const OFFSETS = Array.from({ length: 300 }, (_, offset) => offset);
const open = (tracker: OffsetTracker) => OFFSETS.filter((offset) => tracker.isUnfinished(offset));

describe('whatever begins, finishes and is passed over, in any order', () => {
  it('the position is the least offset that has begun and not finished, else the next', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.array(step, { maxLength: 60, size: 'max' }), (position, steps) => {
        const [tracker, plain] = [new OffsetTracker(position), new PlainTracker(position)];
        const [seen, expected]: [number[], number[]] = [[], []];
        for (const one of steps) {
          take(tracker, plain, one);
          seen.push(tracker.position, open(tracker).length);
          expected.push(plain.position, plain.open.size);
        }
        expect(seen).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('the same with thousands at once, whose memory is given back by halves', () => {
    const [tracker, plain] = [new OffsetTracker(0), new PlainTracker(0)];
    for (let i = 0; i < 5_000; i++) take(tracker, plain, { do: 'begin', gap: i % 2 });
    // From the first on, but each seventh late: the head moves and what has finished out of order lies behind it
    const offsets = [...plain.open];
    const late = offsets.filter((_, i) => i % 7 === 3);
    for (const offset of offsets.filter((_, i) => i % 7 !== 3)) tracker.finish(offset);
    expect(tracker.position).toBe(late[0]);
    for (const [i, offset] of late.entries()) {
      expect(tracker.position).toBe(offset);
      expect(late.filter((one) => tracker.isUnfinished(one))).toHaveLength(late.length - i);
      tracker.finish(offset);
    }
    expect(offsets.some((offset) => tracker.isUnfinished(offset))).toBe(false);
    expect(tracker.position).toBe((offsets.at(-1) as number) + 1);
  });
});

it('passes over what had finished out of order when another member has committed what it waited for', () => {
  const tracker = new OffsetTracker(0);
  for (const offset of [0, 1, 2]) tracker.begin(offset);
  tracker.finish(1);
  tracker.advance(1);
  expect(tracker.position).toBe(2);
  expect([0, 1, 2].map((offset) => tracker.isUnfinished(offset))).toEqual([false, false, true]);
  tracker.finish(2);
  expect(tracker.position).toBe(3);
});
