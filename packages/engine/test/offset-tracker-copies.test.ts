import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OffsetTracker } from '../src/offsets/offset-tracker.js';

/** What becomes of an offset. */
const fate = fc.constantFrom('left out', 'finished', 'under way', 'asked for');

it('where it would stand with some more finished is where it stands once they have', () => {
  fc.assert(
    fc.property(
      fc.array(fate, { maxLength: 40 }),
      fc.nat(45),
      fc.array(fc.nat(45)),
      (fates, passed, strange) => {
        const tracker = new OffsetTracker(0);
        const of = (wanted: string) => [...fates.keys()].filter((offset) => fates[offset] === wanted);
        for (const offset of fates.keys()) if (fates[offset] !== 'left out') tracker.begin(offset);
        for (const offset of of('finished')) tracker.finish(offset);
        tracker.advance(passed);
        const asked = of('asked for');
        for (const offset of asked) expect(tracker.isUnfinished(offset)).toBe(offset >= passed);
        for (const offset of [...of('finished'), ...of('left out'), -1, 99])
          expect(tracker.isUnfinished(offset)).toBe(false);

        // Offsets that were never begun change nothing
        const others = strange.filter((offset) => fates[offset] !== 'under way');
        const foretold = tracker.positionAfter([...new Set([...asked, ...others])].sort((a, b) => a - b));
        const before = tracker.position;
        expect(tracker.positionAfter([])).toBe(before);
        for (const offset of asked) tracker.finish(offset);
        expect(foretold).toBe(tracker.position);
      },
    ),
    { numRuns: 500 },
  );
});
