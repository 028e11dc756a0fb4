import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProperties } from '../src/connection/java-properties.js';

const read = (text: string) => {
  const parsed = parseProperties(text);
  return 'properties' in parsed ? Object.fromEntries(parsed.properties) : parsed;
};

describe('properties as Java reads them', () => {
  // Each expected value was read by java.util.Properties.load.
  it.each([
    { text: 'a=b', is: { a: 'b' } },
    { text: '  a : b ', is: { a: 'b ' } },
    { text: 'a b = c', is: { a: 'b = c' } },
    { text: 'a\t=\tb', is: { a: 'b' } },
    { text: 'a', is: { a: '' } },
    { text: 'a==b', is: { a: '=b' } },
    { text: '# no\n! no\n\n \na=b', is: { a: 'b' } },
    { text: 'a=b#c', is: { a: 'b#c' } },
    { text: 'a=one \\\n   two', is: { a: 'one two' } },
    { text: 'a=one\\\r\n\\\r\n  two\r\nb=c', is: { a: 'onetwo', b: 'c' } },
    { text: 'a=one\\\\\nb=c', is: { a: 'one\\', b: 'c' } },
    { text: 'a=one\\\n# two', is: { a: 'one# two' } },
    { text: '# no \\\na=b', is: { a: 'b' } },
    { text: 'a\\ b\\=\\:=c', is: { 'a b=:': 'c' } },
    { text: 'a=\\u00e4\\t\\q\\"', is: { a: 'ä\tq"' } },
    { text: 'a=1\na=2', is: { a: '2' } },
    { text: 'a=b\\', is: { a: 'b' } },
  ])('$text', ({ text, is }) => {
    expect(read(text)).toEqual(is);
  });

  it('names the line of an escape that is none, and not its value', () => {
    expect(read('a=b\nc=secret\\u12x4')).toEqual({ line: 2, reason: expect.stringContaining('\\u') });
    expect(JSON.stringify(read('c=secret\\u12x4'))).not.toContain('secret');
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseProperties(text)));
  });

  it('reads what Java writes', () => {
    const written = (text: string) =>
      text
        .replace(/[\\=:#! ]/g, '\\$&')
        .replace(/\t/g, '\\t')
        .replace(/\n/g, '\\n')
        .replace(/\r/g, '\\r')
        .replace(/\f/g, '\\f')
        .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const texts = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(fc.dictionary(texts, texts, { noNullPrototype: true }), (properties) => {
        const text = Object.entries(properties).map(
          ([name, value]) => `${written(name)}=${written(value)}\n`,
        );
        const parsed = parseProperties(text.join(''));
        expect(parsed).toEqual({ properties: new Map(Object.entries(properties)) });
      }),
    );
  });
});
