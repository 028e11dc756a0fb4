import { describe, expect, it } from 'vitest';
import { tiersOf } from '../../src/dead-letters/group-tiers.js';

const names = (listed: readonly string[], source = 'orders', group = 'billing') =>
  tiersOf(source, group, listed).map(({ topic, own }) => [topic, own]);
const velos = (...suffixes: string[]) => suffixes.map((suffix) => `orders-billing-retry-${suffix}`);
const springs = (...suffixes: string[]) => suffixes.map((suffix) => `orders-retry-${suffix}`);

describe('the tiers of a group', () => {
  it('are those with its names, the shortest wait first, equal ones as they were given', () => {
    const shuffled = velos('1m', '5s-10', '90s', '5s-2', '5s', '999ms', '5s-3');
    const sorted = velos('999ms', '5s', '5s-2', '5s-3', '5s-10', '1m', '90s');
    expect(names(shuffled)).toEqual(sorted.map((topic) => [topic, true]));
  });

  it.each(
    velos('soon', '', '-5s', '5x', 'x5s').concat(
      'orders-shipping-retry-5s',
      'parcels-billing-retry-5s',
      'orders',
    ),
  )('are none of %s', (topic) => {
    expect(names([topic])).toEqual([]);
  });

  it("are Spring's after those, which no name ties to the group: by index or by delay", () => {
    expect(names([...springs('10', '2', '0'), ...velos('1m')])).toEqual([
      ['orders-billing-retry-1m', true],
      ['orders-retry-0', false],
      ['orders-retry-2', false],
      ['orders-retry-10', false],
    ]);
    expect(names(springs('60000-12', '60000-2', '5000', '60000-1', '60000')).map(([topic]) => topic)).toEqual(
      springs('5000', '60000', '60000-1', '60000-2', '60000-12'),
    );
    expect(names(['orders-retry-1', 'orders-retry'])).toEqual([
      ['orders-retry', false],
      ['orders-retry-1', false],
    ]);
  });

  it.each([
    ...springs('', 'x', '5s', '5-', '5-x', 'x5', '1234567890', '5-1234'),
    'parcels-retry-5',
    'parcels-retry',
    '12345678901234',
  ])("are not %s, which is none of Spring's", (topic) => {
    expect(names([topic])).toEqual([]);
  });
});
