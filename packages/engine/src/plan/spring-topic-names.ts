import type { TopicNaming } from './config.js';

export type SpringNaming = Exclude<TopicNaming, 'velo'>;

/**
 * The retry topics of Spring Kafka's `@RetryableTopic` (DestinationTopicPropertiesFactory) with its default suffix, one
 * for each wait; `undefined` for waits that Spring refuses.
 */
export function springTierTopics(
  topic: string,
  waits: readonly number[],
  naming: SpringNaming,
): string[] | undefined {
  if (naming === 'spring-index' || naming === 'spring-delay') return multiple(topic, waits, naming);
  return single(topic, waits, naming);
}

/** The one retry topic of Spring's default, where all waits are equal. */
export function springSingleTopic(topic: string): string {
  return `${topic}-retry`;
}

/**
 * Among waits that are all the same, delays would not tell the topics apart, so Spring takes the index; of some that are,
 * it adds their number.
 */
function multiple(topic: string, waits: readonly number[], naming: SpringNaming): string[] {
  const allSame = waits.length > 1 && new Set(waits).size === 1;
  return waits.map((wait, i) => {
    if (naming === 'spring-index' || allSame) return `${topic}-retry-${i}`;
    const repeated = waits.filter((other) => other === wait).length > 1;
    return `${topic}-retry-${wait}${repeated ? `-${i - waits.indexOf(wait)}` : ''}`;
  });
}

/** Equal waits share the last topic, and only there may they be equal. */
function single(topic: string, waits: readonly number[], naming: SpringNaming): string[] | undefined {
  const last = waits.at(-1);
  const first = waits.indexOf(last as number);
  const distinct = new Set(waits.slice(0, first + 1)).size === first + 1;
  if (!distinct || waits.slice(first).some((wait) => wait !== last)) return undefined;
  return waits.map((wait, i) => {
    if (first === 0) return springSingleTopic(topic);
    return `${topic}-retry-${naming === 'spring-single-index' ? Math.min(i, first) : wait}`;
  });
}
