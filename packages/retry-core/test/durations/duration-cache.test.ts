import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationCache } from '../../src/durations/duration-cache.js';
import { scanDuration } from '../../src/durations/scan-duration.js';

/** A cache that tells which texts it computed. */
function recording(): { cache: DurationCache; computed: string[] } {
  const computed: string[] = [];
  const cache = new DurationCache((text) => {
    computed.push(text);
    return scanDuration(text);
  });
  return { cache, computed };
}

describe('DurationCache', () => {
  it('knows the five common values from the start', () => {
    const { cache, computed } = recording();
    computed.length = 0;
    expect(['1s', '5s', '30s', '1m', '5m'].map((text) => cache.get(text))).toEqual([1e3, 5e3, 3e4, 6e4, 3e5]);
    expect(computed).toEqual([]);
  });

  it('computes a text once, an invalid one too', () => {
    const { cache, computed } = recording();
    computed.length = 0;
    for (let i = 0; i < 3; i++) {
      expect(cache.get('7s')).toBe(7_000);
      expect(cache.get('soon')).toBeUndefined();
      expect(cache.get('')).toBeUndefined();
    }
    expect(computed).toEqual(['7s', 'soon', '']);
  });

  it('keeps texts apart that share a place in the front table', () => {
    const { cache } = recording();
    // Same length, first, middle and last character.
    for (let i = 0; i < 3; i++) {
      expect(cache.get('1000005ms')).toBe(1_000_005);
      expect(cache.get('1230005ms')).toBe(1_230_005);
    }
  });

  it('forgets the least recently used text first', () => {
    const { cache, computed } = recording();
    for (let i = 0; i < 1_019; i++) cache.get(`${i}ms`);
    cache.get('1s'); // the oldest of all, now used
    computed.length = 0;
    cache.get('new'); // in place of '5s'
    cache.get('1s');
    cache.get('30s');
    expect(computed).toEqual(['new']);
    cache.get('5s');
    expect(computed).toEqual(['new', '5s']);
  });

  it('evicts in the order of a model that moves each used text to the end', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            from: fc.nat(1_500),
            count: fc.integer({ min: 1, max: 1_200 }),
            step: fc.constantFrom(1, 7, 0),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        (phases) => {
          const { cache, computed } = recording();
          computed.length = 0;
          const model = new Map<string, true>(['1s', '5s', '30s', '1m', '5m'].map((text) => [text, true]));
          const missed: string[] = [];
          const wrong: string[] = [];
          for (const { from, count, step } of phases) {
            for (let i = 0; i < count; i++) {
              const text = `${(from + i * step) % 1_500}ms`;
              // Hundreds of thousands of them: an `expect` each would take half a minute.
              if (cache.get(text) !== scanDuration(text)) wrong.push(text);
              if (!model.delete(text)) {
                missed.push(text);
                if (model.size === 1_024) model.delete(model.keys().next().value as string);
              }
              model.set(text, true);
            }
          }
          expect(wrong).toEqual([]);
          expect(computed).toEqual(missed);
        },
      ),
      { numRuns: 60 },
    );
  });
});
