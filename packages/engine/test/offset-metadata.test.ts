import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOffsetMetadata, writeOffsetMetadata } from '../src/offsets/offset-metadata.js';

describe('metadata of an offset', () => {
  it('are read as they were written', () => {
    const id = fc.stringMatching(/^[\w-]{1,64}$/);
    const metadata = fc.record({
      partitions: fc.option(fc.nat(999_999_999), { nil: undefined }),
      topicId: fc.option(id, { nil: undefined }),
    });
    fc.assert(
      fc.property(metadata, (written) => {
        expect(readOffsetMetadata(writeOffsetMetadata(written))).toEqual(written);
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
