import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foreignMessage, foreignText } from '../../src/errors/foreign-text.js';
import { printableLines, printed, shellWord } from '../../src/errors/printable.js';

/** Controls of C0 and C1, direction marks, separators of lines, what has no width. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const HOSTILE = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\u001b[2J',
      '\u009b31m',
      '\r',
      '\n',
      '\u2028',
      '\u202e',
      '\u200b',
      '\u0000',
      "'",
      '\\',
      '$(',
    ),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
  ),
);

describe('foreignText', () => {
  it('is one line without control characters, within its limit, whatever the text holds', () => {
    fc.assert(
      fc.property(HOSTILE, fc.integer({ min: 1, max: 600 }), (parts, limit) => {
        const text = foreignText(parts.join(''), limit);
        expect(text).not.toMatch(UNPRINTABLE);
        expect(text.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('takes a secret out before it cuts, so that no half of it is left', () => {
    const text = foreignText(`${'x'.repeat(480)} ghp_abcdefghijklmnopqrst0123456789`);
    expect(text).toContain('***');
    expect(text).not.toContain('ghp_');
  });
});

describe('foreignMessage', () => {
  it.each([
    { of: 'an error', given: new Error('a\nERROR all is lost'), told: 'a ERROR all is lost' },
    { of: 'a text', given: 'password=hunter2', told: 'password=***' },
    { of: 'an error without a message', given: new TypeError(), told: 'TypeError' },
    { of: 'nothing', given: undefined, told: 'undefined' },
    { of: 'a symbol', given: Symbol('a\u001bb'), told: 'Symbol(a b)' },
    { of: 'an object that refuses', given: Object.create(null), told: 'object' },
  ])('of $of', ({ given, told }) => {
    expect(foreignMessage(given)).toBe(told);
  });
});

describe('what is for people and for programs', () => {
  it('printableLines keeps line feeds and tabs, and nothing else that controls', () => {
    expect(printableLines('a\n\tb\u001b[2J\u202ec\u2028d\r')).toBe('a\n\tb [2J c d ');
  });

  it('printed tells each character that it does not print', () => {
    expect(printed('a\u001bb\u{e0001}')).toBe('a\\u{1b}b\\u{e0001}');
  });

  it('a word of the shell has no control characters, and bash reads the text that was meant', async () => {
    const { execFileSync } = await import('node:child_process');
    const texts = fc
      .sample(HOSTILE, { numRuns: 40, seed: 7 })
      .map((parts) => parts.join('').replaceAll('\u0000', ''));
    const words = texts.map(shellWord);
    expect(words.join()).not.toMatch(UNPRINTABLE);
    const script = `printf '%s\\0' ${words.map((word) => word || "''").join(' ')}`;
    const read = execFileSync('bash', ['-c', script], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
    });
    expect(read.split('\0').slice(0, -1)).toEqual(texts);
  });
});
