import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OffsetTracker } from '../src/offsets/offset-tracker.js';

it('is at the first delivered record that has not finished, or behind the last', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 50 }),
      fc.infiniteStream(fc.nat()),
      (unsorted, choices) => {
        const offsets = unsorted.sort((a, b) => a - b);
        const tracker = new OffsetTracker(0);
        for (const offset of offsets) tracker.begin(offset);
        const open = [...offsets];
        while (open.length > 0) {
          expect(tracker.position).toBe(open[0]);
          expect(tracker.begun).toBe(offsets.length - offsets.indexOf(open[0] as number));
          expect(offsets.filter((offset) => tracker.isUnfinished(offset))).toEqual(open);
          const [finished] = open.splice((choices.next().value as number) % open.length, 1);
          tracker.finish(finished as number);
        }
        expect(tracker.position).toBe((offsets.at(-1) as number) + 1);
        expect(tracker.begun).toBe(0);
      },
    ),
  );
});

it('an offset that was never begun finishes nothing', () => {
  const tracker = new OffsetTracker(5);
  tracker.finish(7);
  tracker.begin(7);
  expect(tracker.position).toBe(7);
  tracker.finish(6);
  expect(tracker.position).toBe(7);
});

it('advances over what another member has committed, and heeds no late end below it', () => {
  const tracker = new OffsetTracker(0);
  for (const offset of [0, 1, 2, 3]) tracker.begin(offset);
  tracker.finish(1);
  tracker.advance(3);
  expect(tracker.position).toBe(3);
  expect([0, 1, 2, 3].map((offset) => tracker.isUnfinished(offset))).toEqual([false, false, false, true]);
  tracker.finish(0);
  expect(tracker.position).toBe(3);
  tracker.finish(3);
  expect(tracker.position).toBe(4);
  tracker.advance(2);
  expect(tracker.position).toBe(4);
});
