import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OffsetSpan } from '../src/offsets/finished-ahead.js';
import {
  METADATA_ROOM,
  readFinishedAhead,
  readOffsetMetadata,
  withFinishedAhead,
  writeOffsetMetadata,
} from '../src/offsets/offset-metadata.js';

describe('metadata of an offset', () => {
  it('are read as they were written', () => {
    const id = fc.stringMatching(/^[\w-]{1,64}$/);
    const metadata = fc.record({
      partitions: fc.option(fc.nat(999_999_999), { nil: undefined }),
      topicId: fc.option(id, { nil: undefined }),
    });
    fc.assert(
      fc.property(metadata, (written) => {
        const text = writeOffsetMetadata(written);
        expect(readOffsetMetadata(text)).toEqual(written);
        // As Confluent's client leaves it with the brokers.
        expect(readOffsetMetadata(`${text}\0`)).toEqual(written);
        // As it reads what another one has left.
        expect(readOffsetMetadata(text.slice(0, -1))).toEqual(written);
      }),
    );
  });

  it.each([
    '',
    'velo',
    'velo:topic=',
    'velo:topic=a b',
    `velo:topic=${'a'.repeat(65)}`,
    'velo:partitions=2,',
    'velo:topic=a,partitions=2',
  ])('of another program are none: %j', (text) => {
    const { topicId } = readOffsetMetadata(text);
    expect(topicId).toBeUndefined();
  });

  it('are bounded, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5_000 }), (text) => {
        const { partitions = 0, topicId = 'a' } = readOffsetMetadata(`velo:${text}`);
        expect(partitions).toBeLessThan(1_000_000_000);
        expect(topicId).toMatch(/^[\w-]{1,64}$/);
      }),
    );
  });
});

/** Rising, and apart from each other. */
function spansFrom(committed: number, lengths: readonly (readonly [number, number])[]): OffsetSpan[] {
  let at = committed;
  return lengths.map(([unfinished, finished]) => {
    const begin = at + unfinished;
    at = begin + finished;
    return { begin, end: at };
  });
}

describe('what has finished beyond a committed offset', () => {
  const length = fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 100_000 }),
    fc.integer({ min: 1, max: 2 ** 40 }),
  );
  const lengths = fc.array(fc.tuple(length, length), { maxLength: 600, size: 'max' });

  it('is read as it was written, beside what else is known; what does not fit is left out from the end', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 40),
        lengths,
        fc.integer({ min: 0, max: 5_000 }),
        fc.option(fc.nat(999), { nil: undefined }),
        (committed, pairs, room, partitions) => {
          const spans = spansFrom(committed, pairs);
          const written = withFinishedAhead(writeOffsetMetadata({ partitions }), { committed, spans }, room);
          const read = readFinishedAhead(written) ?? { committed, spans: [] };
          expect(read).toEqual({ committed, spans: spans.slice(0, read.spans.length) });
          expect(readOffsetMetadata(written)).toEqual({ partitions, topicId: undefined });
          expect(readFinishedAhead(written.slice(0, -1))).toEqual(readFinishedAhead(written));
          if (read.spans.length > 0)
            expect(written.length).toBeLessThanOrEqual(Math.min(room, METADATA_ROOM));
        },
      ),
    );
  });

  it('fits for 1,000 records that run, each a few from the next', () => {
    const spans = spansFrom(5, Array(1_000).fill([1, 100]));
    expect(readFinishedAhead(withFinishedAhead('', { committed: 5, spans }, METADATA_ROOM))?.spans).toEqual(
      spans,
    );
  });

  it('is nothing in a text that another program has written, which stays as it is', () => {
    const spans = [{ begin: 7, end: 8 }];
    expect(withFinishedAhead('mine', { committed: 5, spans }, METADATA_ROOM)).toBe('mine');
    expect(readFinishedAhead('mine')).toBeUndefined();
  });

  it('is bounded and rises, whatever stands there', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 52), fc.uint8Array({ maxLength: 3_000 }), (committed, bytes) => {
        const text = `velo:finished=${committed}:${Buffer.from(bytes).toString('base64url')}`;
        let at = committed;
        for (const { begin, end } of readFinishedAhead(text)?.spans ?? []) {
          expect(begin).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(begin);
          expect(Number.isSafeInteger(end)).toBe(true);
          at = end;
        }
      }),
    );
  });
});
