import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frames } from '../src/quirks/sound-frames.js';

/** Of an answer. */
function head(size: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(size);
  return bytes;
}

/** An answer of that size, with its head. */
function answer(size: number): Buffer {
  return Buffer.concat([head(size), Buffer.alloc(size)]);
}

/** The same bytes, in chunks of these sizes, again and again. */
function* chunks(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('frames', () => {
  const sizes = fc.array(fc.integer({ min: 4, max: 200 }), { maxLength: 20 });
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

  it('pass as they are, however they are cut', () => {
    fc.assert(
      fc.property(sizes, cuts, (given, cut) => {
        const frames = new Frames();
        for (const chunk of chunks(Buffer.concat(given.map(answer)), cut)) frames.pass(chunk);
      }),
    );
  });

  it.each([-1, 0, 3, 2 ** 31 - 1])('of a size that none has are refused, behind others too: %i', (size) => {
    fc.assert(
      fc.property(sizes, cuts, (given, cut) => {
        const bytes = Buffer.concat([...given.map(answer), head(size)]);
        const frames = new Frames();
        const read = () => {
          for (const chunk of chunks(bytes, cut)) frames.pass(chunk);
        };
        expect(read).toThrow(`an answer of ${size} bytes`);
      }),
      { numRuns: 20 },
    );
  });
});
