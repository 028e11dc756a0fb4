import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categorizeErrorMessage, parseDuration } from '../src/index.js';
import { ownText } from '../src/own-text.js';
import { heapInUse, megabyte } from './heap.js';

/** Far below the 100 MB that the texts were cut from, far above what a test run's own heap moves by. */
const LIMIT = 10;

/** MB more in use after `use` had 100 texts, each cut from a text of 1 MB of its own. */
function growth(use: (parent: string, index: number) => void): number {
  const before = heapInUse();
  for (let index = 0; index < 100; index++) use(megabyte(index), index);
  return heapInUse() - before;
}

describe('ownText', () => {
  it('is the same text, whatever stands in it', () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    for (const text of ['', '0', '42', '4294967295', '-1', '__proto__', 'constructor', '\ud800'])
      expect(ownText(text)).toBe(text);
    fc.assert(fc.property(fc.string({ unit }), (text) => ownText(text) === text));
  });

  it('does not keep what the text was cut from', () => {
    const kept: string[] = [];
    expect(growth((parent, index) => kept.push(ownText(parent.slice(index, index + 500))))).toBeLessThan(
      LIMIT,
    );
    const joined = growth((parent, index) =>
      kept.push(ownText(`quoted: ${parent.slice(index, index + 500)}`)),
    );
    expect(joined).toBeLessThan(LIMIT);
    expect(kept).toHaveLength(200);
  });
});

describe('what is remembered of texts', () => {
  it('an error that quotes a record does not keep the record', () => {
    const used = growth((parent, index) => {
      // New, remembered, and twice more to the front.
      for (let times = 0; times < 4; times++) categorizeErrorMessage(parent.slice(0, 500 + index));
      const quoted = `no JSON: ${parent.slice(0, 300 + index)}`;
      for (let times = 0; times < 4; times++) categorizeErrorMessage(quoted);
    });
    expect(used).toBeLessThan(LIMIT);
  });

  it('a duration that was cut from a record does not keep the record', () => {
    const used = growth((parent, index) => {
      const text = `${parent}${index} milliseconds`;
      expect(parseDuration(text.slice(1e6))).toBe(index);
    });
    expect(used).toBeLessThan(LIMIT);
  });
});
