import { describe, expect, it } from 'vitest';
import { Histogram } from '../src/report/histogram.js';

describe('Histogram', () => {
  it('is all zero when empty', () => {
    const histogram = new Histogram();
    expect([histogram.count, histogram.mean, histogram.quantile(0.5), histogram.max]).toEqual([0, 0, 0, 0]);
  });

  it('gives exact quantiles', () => {
    const histogram = new Histogram();
    for (let value = 100; value >= 1; value--) histogram.add(value);
    expect(histogram.mean).toBe(50.5);
    expect([0.01, 0.5, 0.99, 1].map((share) => histogram.quantile(share))).toEqual([1, 50, 99, 100]);
    expect(histogram.entries()[0]).toEqual([1, 1]);
  });
});
