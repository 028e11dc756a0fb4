import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, skeletonOf } from '../../src/dead-letters/fingerprint.js';

const word = fc.stringMatching(/^[a-z]{1,7}$/);
const uuid = fc.uuid();
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map(String);
const hex = fc.stringMatching(/^[0-9a-f]{8,40}$/);
const address = fc.tuple(fc.ipV4(), fc.nat(65_535)).map(([host, port]) => `${host}:${port}`);
const inner = fc.stringMatching(/^[a-z0-9 .,-]{0,20}$/);
const quoted = fc
  .tuple(inner, fc.constantFrom(['"', '"'], ["'", "'"], ['`', '`'], ['“', '”']))
  .map(([text, [open, close]]) => `${open}${text}${close}`);
const ofOneRecord = fc.oneof(uuid, number, hex, address, quoted);

describe('a fingerprint', () => {
  it('is the same whatever numbers, ids, addresses and quoted texts a message holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, ofOneRecord, ofOneRecord), { minLength: 1, maxLength: 6 }),
        (parts) => {
          const one = parts.map(([text, value]) => `${text} ${value}`).join(', ');
          const other = parts.map(([text, , value]) => `${text} ${value}`).join(', ');
          expect(skeletonOf(one)).toBe(skeletonOf(other));
          expect(fingerprintOf('Error', 'Unknown', one)).toBe(fingerprintOf('Error', 'Unknown', other));
        },
      ),
    );
  });

  it('differs where the words, the class or the category differ', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.array(word, { minLength: 1 }),
        (a, b) => {
          fc.pre(a.join(' ') !== b.join(' '));
          expect(fingerprintOf('E', 'Unknown', a.join(' '))).not.toBe(
            fingerprintOf('E', 'Unknown', b.join(' ')),
          );
        },
      ),
    );
    const print = fingerprintOf('Error', 'Unknown', 'down');
    expect(fingerprintOf('TypeError', 'Unknown', 'down')).not.toBe(print);
    expect(fingerprintOf('Error', 'NetworkIssue', 'down')).not.toBe(print);
  });

  it('is of 11 letters and digits whatever it is made of, in time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        expect(fingerprintOf(text, 'Unknown', text)).toMatch(/^[0-9a-z]{11}$/);
      }),
    );
    for (const text of ['"', "'a", '1a', 'a-', '0-0-', ' #', '# '].map((part) => part.repeat(50_000))) {
      const times = [1, 2, 3, 4, 5].map(() => {
        const start = performance.now();
        fingerprintOf('Error', 'Unknown', text);
        return performance.now() - start;
      });
      expect(Math.min(...times)).toBeLessThan(50);
    }
  });

  it.each([
    [
      "Cannot read properties of undefined (reading 'id')",
      'Cannot read properties of undefined (reading # )',
    ],
    ["can't find order 17 for o'neill", "can't find order # for o'neill"],
    ['connect ECONNREFUSED 10.0.0.1:9092', 'connect ECONNREFUSED #'],
    ['no user 0b4b2a4e-98a1-4c3e-8a5a-94f3a7a1f0aa', 'no user #'],
    ['timeout of 3000ms exceeded after 12.5 s', 'timeout of # exceeded after # s'],
  ])('tells of %j no more than %j', (message, skeleton) => {
    expect(skeletonOf(message)).toBe(skeleton);
  });
});
