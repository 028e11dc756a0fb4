import { expect, it } from 'vitest';
import { bestOf, netOf } from '../src/micro/statistics.js';

it('of several rounds the one with the lowest median counts, with its own percentile', () => {
  const rounds = [
    { median: 5, p99: 6 },
    { median: 4, p99: 9 },
    { median: 7, p99: 7 },
  ];
  expect(bestOf(rounds)).toEqual({ median: 4, p99: 9 });
});

it('the loop is taken away, but never more than there is', () => {
  expect(netOf({ median: 5, p99: 5 }, 1.5)).toBe(3.5);
  expect(netOf({ median: 1, p99: 1 }, 1.5)).toBe(0.1);
});
