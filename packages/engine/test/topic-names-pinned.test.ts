import { describe, expect, it } from 'vitest';
import { topicNameFault } from '../src/binding/legal-topic-name.js';
import { deadLetterTopic, tierPrefix, tierTopic } from '../src/plan/topic-names.js';

describe('a name never changes: the records of an earlier version are in the topic that it gave', () => {
  it.each([
    ['orders', 'billing', 'orders-billing-dlt'],
    // As long as a hash, or nearly, or with one in it
    ['orders', 'abcdefghij', 'orders-abcdefghij-dlt'],
    ['orders', 'abcdefghijk', 'orders-abcdefghijk-0vcn2i2r1b1-dlt'],
    ['orders', 'abcdefghijkl', 'orders-abcdefghijkl-dlt'],
    ['orders', 'A_abcdefghijk', 'orders-A_abcdefghijk-dlt'],
    ['orders', 'abcdefghijk_A', 'orders-abcdefghijk_A-dlt'],
    ['orders', 'billing.v1', 'orders-billing.v1-15hy4slp9fl-dlt'],
    ['orders.created', 'billing', 'orders.created-billing-0quvi50rfh7-dlt'],
    ['orders', 'billing-service', 'orders-billing-service-1ej6y7vtkp6-dlt'],
    ['orders', 'billing service/ü', 'orders-billing_service__-22rrlli18kt-dlt'],
    ['orders', '', 'orders--0f9ypun61r8-dlt'],
    // The longest plain one: 209 characters and 40 for what may follow
    ['o'.repeat(201), 'billing', `${'o'.repeat(201)}-billing-dlt`],
    ['o'.repeat(202), 'billing', `${'o'.repeat(197)}-2e9mdj9166e-dlt`],
    ['o'.repeat(249), 'billing', `${'o'.repeat(197)}-1h3lkah7aks-dlt`],
  ])('%s, %s', (topic, group, name) => {
    expect(deadLetterTopic(topic, group)).toBe(name);
  });

  it.each([
    [1, 0, '1ms'],
    [999, 0, '999ms'],
    [1_000, 0, '1s'],
    [61_000, 0, '61s'],
    [120_000, 0, '2m'],
    [7_200_000, 0, '2h'],
    [86_400_000, 0, '1d'],
    [604_800_000, 0, '7d'],
    [1_000, 1, '1s-2'],
    [1_000, 31, '1s-32'],
  ])('a tier of %i ms, number %i: %s', (wait, ordinal, suffix) => {
    expect(tierTopic('orders', 'billing', wait, ordinal)).toBe(`orders-billing-retry-${suffix}`);
    expect(tierTopic('orders', 'billing', wait, ordinal)).toBe(`${tierPrefix('orders', 'billing')}${suffix}`);
  });

  it('is legal also where it is the longest that can be', () => {
    for (const topic of ['o'.repeat(201), 'o'.repeat(249)]) {
      const name = tierTopic(topic, 'billing', 604_799_999, 31);
      expect([topicNameFault(name), name.length <= 249]).toEqual([undefined, true]);
    }
  });
});

describe('what Kafka takes for a name', () => {
  it.each(['a', 'a.b', '...', '_', '-', 'A-z_0.9', 'o'.repeat(249)])('%s is one', (name) => {
    expect(topicNameFault(name)).toBeUndefined();
  });

  it.each([
    ['', "''"],
    ['.', "'.'"],
    ['..', "'..'"],
    ['o'.repeat(250), '250'],
    ['a b', "' '"],
    ['a/b', "'/'"],
    ['ü', "'ü'"],
    ['a\n', "'\n'"],
  ])('%j is none, and it says why', (name, says) => {
    expect(topicNameFault(name)).toContain(says);
  });
});
