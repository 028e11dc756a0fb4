import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../src/durations/format-duration.js';
import { parseDuration } from '../../src/durations/parse-duration.js';

describe('formatDuration', () => {
  it.each([
    { ms: 0, text: '0ms' },
    { ms: -0, text: '0ms' },
    { ms: 1, text: '1ms' },
    { ms: 999, text: '999ms' },
    { ms: 1_000, text: '1s' },
    { ms: 1_500, text: '1s 500ms' },
    { ms: 90_000, text: '1m 30s' },
    { ms: 3_600_000, text: '1h' },
    { ms: 90_061_001, text: '1d 1h 1m 1s 1ms' },
    { ms: -500, text: '-500ms' },
    { ms: -90_000, text: '-1m 30s' },
    { ms: 0.25, text: '0.25ms' },
    { ms: 1_000.1, text: '1s 0.1ms' },
    { ms: 999.9996, text: '1s' },
    { ms: 59_999.9999, text: '1m' },
    { ms: 0.0001, text: '0ms' },
    { ms: -0.0001, text: '0ms' },
    { ms: Number.MIN_VALUE, text: '0ms' },
    { ms: NaN, text: 'NaN' },
    { ms: Infinity, text: 'Infinity' },
    { ms: -Infinity, text: '-Infinity' },
    { ms: 864e5 * 1e9, text: '1000000000d' },
  ])('writes $ms ms as "$text"', ({ ms, text }) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('writes parts that parseDuration reads and that add up to the value', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (ms) => {
        const parts = formatDuration(ms).split(' ');
        expect(parts.reduce((sum, part) => sum + (parseDuration(part) as number), 0)).toBe(ms);
      }),
    );
  });

  it('keeps fractions to the microsecond', () => {
    fc.assert(
      fc.property(fc.nat(1e12), (us) => {
        const parts = formatDuration(us / 1e3).split(' ');
        const sum = parts.reduce((sum, part) => sum + (parseDuration(part) as number), 0);
        expect(Math.round(sum * 1e3)).toBe(us);
      }),
    );
  });

  it('writes every number without a throw, and no longer than 60 characters', () => {
    fc.assert(
      fc.property(fc.double(), (ms) => {
        const text = formatDuration(ms);
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(60);
      }),
    );
  });
});
