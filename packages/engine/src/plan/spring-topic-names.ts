/**
 * The retry topics of Spring Kafka's `@RetryableTopic` (DestinationTopicPropertiesFactory) with its default suffix, one
 * for each wait. Among waits that are all the same, delays would not tell the topics apart, so Spring takes the index;
 * of some that are, it adds their number.
 */
export function springTierTopics(
  topic: string,
  waits: readonly number[],
  naming: 'spring-index' | 'spring-delay',
): string[] {
  const allSame = waits.length > 1 && new Set(waits).size === 1;
  return waits.map((wait, i) => {
    if (naming === 'spring-index' || allSame) return `${topic}-retry-${i}`;
    const repeated = waits.filter((other) => other === wait).length > 1;
    return `${topic}-retry-${wait}${repeated ? `-${i - waits.indexOf(wait)}` : ''}`;
  });
}
