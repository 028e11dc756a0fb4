import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planConsumer } from '../src/plan/plan.js';
import { springTierTopics } from '../src/plan/spring-topic-names.js';

interface Names {
  readonly suffixing: 'SUFFIX_WITH_INDEX_VALUE' | 'SUFFIX_WITH_DELAY_VALUE';
  readonly waits: readonly number[];
  /** Of the source, the retry topics and the dead letters. */
  readonly suffixes: readonly string[];
}

/** What Spring's own factory gives for lists of waits. */
const { multipleTopics, singleTopic } = JSON.parse(
  readFileSync(new URL('fixtures/spring-topic-names.json', import.meta.url), 'utf8'),
) as { readonly multipleTopics: readonly Names[]; readonly singleTopic: readonly Names[] };

const isByIndex = ({ suffixing }: Names) => suffixing === 'SUFFIX_WITH_INDEX_VALUE';
const retryTopics = ({ suffixes }: Names) => suffixes.slice(1, -1).map((suffix) => `orders${suffix}`);

describe('retry topics have Spring’s names', () => {
  it('one for each wait', () => {
    for (const names of multipleTopics) {
      const naming = isByIndex(names) ? 'spring-index' : 'spring-delay';
      expect(springTierTopics('orders', names.waits, naming)).toEqual(retryTopics(names));
    }
    expect(multipleTopics.length).toBeGreaterThan(10);
  });

  it.each(singleTopic)('with a single one for equal waits: $suffixing $waits', (names) => {
    const topics = springTierTopics(
      'orders',
      names.waits,
      isByIndex(names) ? 'spring-single-index' : 'spring-single',
    );
    expect(topics).toHaveLength(names.waits.length);
    expect([...new Set(topics)]).toEqual(retryTopics(names));
  });

  it.each([[['1s', '1s', '2s']], [['1s', '2s', '1s']], [['1s', '2s', '2s', '1s', '1s']]] as const)(
    'waits that Spring refuses are refused: %j',
    (tiers) => {
      const retry = { tiers, naming: 'spring-single' } as const;
      expect(() => planConsumer({ groupId: 'g', topics: ['orders'], retry, handler() {} }, 0)).toThrow(
        /retry\.tiers .* only the last ones are equal/,
      );
    },
  );

  it('without tiers there are none', () => {
    expect(springTierTopics('orders', [], 'spring-single')).toEqual([]);
  });
});
