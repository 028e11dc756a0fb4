import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kafkaErrorRows } from '../../src/errors/kafka-error-code.js';
import { categoryOfRank, messagePatterns, NO_RANK } from '../../src/errors/message-patterns.js';
import { rankOfMessage } from '../../src/errors/scan-message.js';

/** The same by the plainest means. */
function bySearch(message: string): number {
  const lower = message.slice(0, 4096).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const ranks = messagePatterns
    .filter(({ text, anywhere }) => (anywhere ? lower.includes(text) : lower.startsWith(text)))
    .map(({ rank }) => rank);
  return Math.min(NO_RANK, ...ranks);
}

const texts = messagePatterns.map(({ text }) => text);

describe('rankOfMessage', () => {
  it('is that of a plain search, for any mixture of patterns, parts of them and other text', () => {
    const part = fc
      .constantFrom(...texts)
      .chain((text) => fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([a, b]) => text.slice(a, b)));
    const piece = fc
      .oneof(
        fc.constantFrom(...texts),
        part,
        fc.string({ maxLength: 5 }),
        fc.string({ unit: 'grapheme', maxLength: 3 }),
      )
      .chain((text) => fc.constantFrom(text, text.toUpperCase()));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        // NUL passes for a space, and a delete character for an underscore.
        const message = pieces.join('').replace(/[\0\x7f]/g, '');
        expect(rankOfMessage(message)).toBe(bySearch(message));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(texts)(
    'finds "%s" at each offset, in either case, with another pattern before and after',
    (text) => {
      for (let before = 0; before < 30; before++) {
        for (const other of ['', 'broker', 'auth', 'sasl ', 'timed out']) {
          for (const message of [
            `${'.'.repeat(before)}${text}${other}`,
            `${other}${'x'.repeat(before)}${text.toUpperCase()}`,
          ]) {
            expect(rankOfMessage(message), message).toBe(bySearch(message));
          }
        }
      }
    },
  );

  it.each(['\u016b', '\u0175', '\ud83d\ude00', '\u212a'])(
    'takes no character beyond ASCII for a letter: %s',
    (odd) => {
      for (const text of texts) {
        for (let at = 0; at < text.length; at++) {
          const message = text.slice(0, at) + odd + text.slice(at + 1);
          expect(rankOfMessage(message), message).toBe(bySearch(message));
        }
      }
    },
  );

  it('gives each rank a category, and Unknown to a message without a pattern', () => {
    for (const { rank } of messagePatterns) expect(categoryOfRank(rank)).not.toBe('Unknown');
    expect(categoryOfRank(NO_RANK)).toBe('Unknown');
  });

  it('all texts of the table that begin with "unknown topic" are a missing topic, as the fast path says', () => {
    for (const { text, category } of kafkaErrorRows()) {
      if (text.startsWith('unknown topic')) expect(category).toBe('TopicMissing');
    }
  });
});
