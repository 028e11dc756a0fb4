import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatShare,
  formatWait,
  plural,
  printable,
  wrap,
} from '../src/format.js';

describe('formats', () => {
  it.each([
    [0, '0 ms'],
    [740, '740 ms'],
    [3_240, '3.2 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 0 s'],
    [65_000, '1 min 5 s'],
  ])('%i ms as %s', (ms, text) => expect(formatMs(ms)).toBe(text));

  it.each([
    [12, '12 B'],
    [719_806, '720 kB'],
    [1_240_000, '1.2 MB'],
  ])('%i bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('counts, shares and plurals', () => {
    expect(formatCount(3_201)).toBe('3,201');
    expect(formatShare(1, 3)).toBe('33.3 %');
    expect(formatShare(0, 0)).toBe('-');
    expect([plural(1, 'film'), plural(2_000, 'film')]).toEqual(['1 film', '2,000 films']);
  });

  it('tells a tier by its wait', () => {
    expect([formatWait(5_000), formatWait(500)]).toEqual(['5 s', '500 ms']);
  });

  it('makes text from outside harmless', () => {
    expect(printable('a\u001b[2J\r\nb')).toBe('a [2J b');
    expect(printable('x'.repeat(9), 5)).toBe('xxxx…');
  });
});

describe('wrap', () => {
  it.each([
    { text: 'short', width: 10, lines: ['short'] },
    { text: 'one two three', width: 7, lines: ['one two', 'three'] },
    { text: 'one two three', width: Number.POSITIVE_INFINITY, lines: ['one two three'] },
    { text: 'unbreakable', width: 4, lines: ['unbreakable'] },
    { text: 'a unbreakable b', width: 4, lines: ['a', 'unbreakable', 'b'] },
    { text: '  - an indented text', width: 10, lines: ['  - an', '    indented', '    text'] },
    { text: 'a\n\nb', width: 4, lines: ['a', '', 'b'] },
    { text: 'a b', width: 0, lines: ['a', 'b'] },
  ])('breaks $text at $width', ({ text, width, lines }) => expect(wrap(text, width)).toEqual(lines));
});
