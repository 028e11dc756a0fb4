import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/durations/parse-duration.js';
import { scanDuration } from '../../src/durations/scan-duration.js';

const SIZES = {
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  '': 1e3,
  s: 1e3,
  sec: 1e3,
  secs: 1e3,
  second: 1e3,
  seconds: 1e3,
  m: 6e4,
  min: 6e4,
  mins: 6e4,
  minute: 6e4,
  minutes: 6e4,
  h: 36e5,
  hr: 36e5,
  hrs: 36e5,
  hour: 36e5,
  hours: 36e5,
  d: 864e5,
  day: 864e5,
  days: 864e5,
};
const units = Object.entries(SIZES);

describe('parseDuration', () => {
  it.each(units)('knows the unit "%s"', (unit, size) => {
    expect(parseDuration(`3${unit}`)).toBe(3 * size);
    expect(parseDuration(`3 ${unit.toUpperCase()}`)).toBe(3 * size);
  });

  it.each([
    { text: '0', ms: 0 },
    { text: '0ms', ms: 0 },
    { text: '30', ms: 30_000 },
    { text: '007s', ms: 7_000 },
    { text: '2.5s', ms: 2_500 },
    { text: '1.001s', ms: 1_001 },
    { text: '1.00100000000000000001s', ms: 1_001 },
    { text: '0.1ms', ms: 0.1 },
    { text: '0.1h', ms: 360_000 },
    { text: '1.1d', ms: 95_040_000 },
    { text: '1.005m', ms: 60_300 },
    { text: '.5s', ms: 500 },
    { text: '5.s', ms: 5_000 },
    { text: '  5   MiN\t\n', ms: 300_000 },
    { text: '9007199254740991ms', ms: Number.MAX_SAFE_INTEGER },
    { text: `${'0'.repeat(100)}5s`, ms: 5_000 },
    { text: `${' '.repeat(100)}5s`, ms: 5_000 },
  ])('reads "$text" as $ms ms', ({ text, ms }) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    ' ',
    '\t',
    's',
    'ms',
    '.',
    '. s',
    '-1s',
    '+1s',
    '1..5s',
    '1.2.3s',
    's1',
    '5ss',
    '5 s s',
    '5s5s',
    '1m 30s',
    '5x',
    '5µs',
    '5 weeks',
    '5s!',
    '1e3ms',
    '0x10',
    '1,5s',
    '1_000ms',
    'NaN',
    'NaNs',
    'Infinity',
    'Infinitys',
    '９s',
    'm\u017F',
    '9007199254740992ms',
    '9007199254740993ms',
    '9007199254740991s',
    `${'9'.repeat(400)}ms`,
    `${'9'.repeat(400)}.5ms`,
    'constructor',
    '5 constructor',
    '__proto__',
  ])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([undefined, null, 5, {}, [], Symbol('5s'), () => '5s', { toString: () => '5s' }])(
    'refuses what is no text: %o',
    (value) => {
      expect(parseDuration(value as unknown as string)).toBeUndefined();
    },
  );

  it('answers every text with undefined or a number from 0 to MAX_SAFE_INTEGER, the same when asked again', () => {
    const tokens = fc.constantFrom(
      '0',
      '1',
      '25',
      '999999',
      '.',
      ' ',
      '\t',
      '-',
      'e',
      'ms',
      's',
      'M',
      'hours',
      'day',
      'µ',
      'İ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(tokens, { maxLength: 6 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (text) => {
        const ms = parseDuration(text);
        expect(ms === undefined || (ms >= 0 && ms <= Number.MAX_SAFE_INTEGER)).toBe(true);
        expect(parseDuration(text)).toBe(ms);
        expect(scanDuration(text)).toBe(ms);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is exact for every decimal number of milliseconds and of seconds', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(999), (whole, thousandths) => {
        const fraction = String(thousandths).padStart(3, '0');
        expect(parseDuration(`${whole}.${fraction}s`)).toBe(whole * 1e3 + thousandths);
        expect(parseDuration(`${whole}.${fraction}ms`)).toBe(Number(`${whole}.${fraction}`));
      }),
    );
  });

  it('is within one unit in the last place of the exact product, whatever the fraction', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.bigInt(0n, 10n ** 20n - 1n),
        fc.constantFrom(...units),
        (whole, fraction, [unit, size]) => {
          const digits = String(fraction).padStart(20, '0');
          // The nearest double of an integer ratio, up to one further rounding.
          const exact = Number((BigInt(whole) * 10n ** 20n + fraction) * BigInt(size)) / 1e20;
          const ms = parseDuration(`${whole}.${digits}${unit}`) as number;
          expect(Math.abs(ms - exact)).toBeLessThanOrEqual(exact * 2 ** -51);
        },
      ),
    );
  });

  it('reads a hostile text in linear time', () => {
    const before = performance.now();
    for (const text of ['1'.repeat(1e6), `1${' '.repeat(1e6)}x`, `${'1.'.repeat(1e6)}`, ' '.repeat(1e6)])
      parseDuration(text);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
