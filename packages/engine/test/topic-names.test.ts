import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicNameFault } from '../src/binding/legal-topic-name.js';
import { deadLetterTopic, tierTopic } from '../src/plan/topic-names.js';

/** org.apache.kafka.common.internals.Topic#unifyCollisionChars */
const asKafkaCompares = (name: string) => name.replaceAll('.', '_');

describe('names of velo’s own topics', () => {
  it.each([
    ['orders', 'billing', 'orders-billing-dlt'],
    ['order-events', 'billing', 'order-events-billing-dlt'],
    ['orders_created', 'billing_v2', 'orders_created-billing_v2-dlt'],
  ])('hold topic %s and group %s', (topic, group, name) => {
    expect(deadLetterTopic(topic, group)).toBe(name);
  });

  it.each([
    [5_000, 0, 'orders-billing-retry-5s'],
    [90_000, 0, 'orders-billing-retry-90s'],
    [1_500, 0, 'orders-billing-retry-1500ms'],
    [3_600_000, 0, 'orders-billing-retry-1h'],
    [5_000, 1, 'orders-billing-retry-5s-2'],
  ])('hold the wait of %d ms, number %d', (wait, ordinal, name) => {
    expect(tierTopic('orders', 'billing', wait, ordinal)).toBe(name);
  });

  it.each([
    ['a group with a hyphen', 'orders', 'billing-service'],
    ['a group that is not legal in a topic', 'orders', 'billing service/ü'],
    ['a group that looks like a hash', 'orders', '0123456789a'],
    ['a group with a dot', 'orders', 'billing.v1'],
    ['a topic with a dot', 'orders.created', 'billing'],
    ['a topic of 249 characters', 'o'.repeat(249), 'billing'],
    ['a group of 4,000 characters', 'orders', 'b'.repeat(4_000)],
  ])('have a hash for %s', (_, topic, group) => {
    expect(deadLetterTopic(topic, group)).toMatch(/-[0-9a-z]{11}-dlt$/);
    expect(topicNameFault(deadLetterTopic(topic, group))).toBeUndefined();
  });

  const part = fc.oneof(
    fc.stringMatching(/^[ab-]{1,6}$/),
    fc.stringMatching(/^[a-z0-9-]{10,14}$/),
    fc.stringMatching(/^[a._-]{1,5}$/),
    fc.string({ minLength: 1, maxLength: 300 }),
  );
  const topic = fc
    .oneof(
      fc.stringMatching(/^[ab-]{1,6}$/),
      fc.stringMatching(/^[a._-]{1,5}$/),
      fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/),
    )
    .filter((name) => !topicNameFault(name));

  it('never meet: two pairs of topic and group have names that differ for Kafka too, and all are legal', () => {
    fc.assert(
      fc.property(
        topic,
        part,
        topic,
        part,
        fc.integer({ min: 1, max: 1e9 }),
        (topicA, groupA, topicB, groupB, wait) => {
          const names = (t: string, g: string) => [
            deadLetterTopic(t, g),
            tierTopic(t, g, wait),
            tierTopic(t, g, wait, 1),
          ];
          const [a, b] = [names(topicA, groupA), names(topicB, groupB)];
          for (const name of [...a, ...b]) expect(topicNameFault(name)).toBeUndefined();
          const same = topicA === topicB && groupA === groupB;
          expect(new Set([...a, ...b].map(asKafkaCompares)).size).toBe(same ? 3 : 6);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('never meet where dots, underscores and hyphens are all that differs', () => {
    const parts = ['a', 'a.a', 'a_a', 'a-a', 'a.a_a', 'a_a.a', 'a.a-a', 'a_a-a', '.a', '_a'];
    const names = parts.flatMap((t) => parts.map((g) => asKafkaCompares(deadLetterTopic(t, g))));
    expect(new Set(names).size).toBe(100);
  });

  it('never meet where hyphens could be read either way', () => {
    const parts = ['a', 'b', 'a-b', 'b-a', 'a-b-a', 'a-a'];
    const names = parts.flatMap((t) => parts.map((g) => deadLetterTopic(t, g)));
    expect(new Set(names).size).toBe(36);
  });
});
