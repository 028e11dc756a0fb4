import * as library from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlatformaticMessage } from '../src/api.js';
import { runsOf } from '../src/quirks/far-timestamps.js';

const DAY = 86_400_000;

const message = (timestamp: number): PlatformaticMessage => ({
  topic: 'a',
  partition: 0,
  key: null,
  value: null,
  headers: new Map(),
  timestamp: BigInt(timestamp),
});

/** The times of a batch, as whoever reads it gets them. */
function written(messages: readonly PlatformaticMessage[]): number[] {
  const { buffer } = library.createRecordsBatch(messages as never);
  const batch = library.readRecordsBatch(library.Reader.from(buffer));
  return batch.records.map(({ timestampDelta }) => Number(batch.firstTimestamp + timestampDelta));
}

describe('times that lie far apart', () => {
  it('are changed by the client in one batch', () => {
    const times = [100 * DAY, 0];
    expect(written(times.map(message))).not.toEqual(times);
  });

  it('are written as they are, in the order of the messages', () => {
    const time = fc.integer({ min: 0, max: 40_000 * DAY });
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 20 }), (times) => {
        expect(runsOf(times.map(message)).flatMap(written)).toEqual(times);
      }),
    );
  });
});
