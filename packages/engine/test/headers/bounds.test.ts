import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from '../../src/headers/bounds.js';

const bytes = (text: string) => Buffer.byteLength(text);
/** Characters of one to four bytes. */
const text = fc.string({ unit: fc.constantFrom('a', 'ß', '€', '😀'), maxLength: 60 });

describe('a text that is cut', () => {
  it.each([
    { given: 'abcdef', limit: 6, left: 'abcdef' },
    { given: 'abcdefg', limit: 6, left: 'abc…' },
    { given: 'aßßßß', limit: 8, left: 'aßß…' },
    { given: 'ßßßßß', limit: 8, left: 'ßß…' },
    { given: '😀😀😀', limit: 11, left: '😀😀…' },
    { given: '😀😀😀', limit: 10, left: '😀…' },
    { given: '😀😀😀', limit: 12, left: '😀😀😀' },
  ])('$given to $limit bytes is $left', ({ given, limit, left }) => {
    expect(cut(given, limit)).toBe(left);
  });

  it('is whole if it fits, else as much as fits with an ellipsis, and no character is torn', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 200 }), (given, limit) => {
        const left = cut(given, limit);
        if (bytes(given) <= limit) {
          expect(left).toBe(given);
          return;
        }
        expect(left.at(-1)).toBe('…');
        const kept = left.slice(0, -1);
        expect(given.startsWith(kept)).toBe(true);
        expect(bytes(left)).toBeLessThanOrEqual(limit);
        const [next = ''] = given.slice(kept.length);
        expect(bytes(left + next)).toBeGreaterThan(limit);
      }),
    );
  });
});
