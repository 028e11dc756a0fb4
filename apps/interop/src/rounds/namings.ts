import type { TopicNaming } from '@velo/kafkajs';

/** One of Spring's ways to name retry topics, as `java/spring-4/Retried.java` and `java/spring-3` have it. */
export interface Naming {
  /** As topics and groups of the round are called after it. */
  readonly name: 'single' | 'index' | 'delay';
  /** velo's name for it. */
  readonly naming: TopicNaming;
  readonly tiers: readonly string[];
  /** What follows the source's name: the topic of attempt 2, and that of attempt 3. */
  readonly suffixes: readonly [string, string];
}

export const NAMINGS: readonly Naming[] = [
  { name: 'single', naming: 'spring-single', tiers: ['8s', '8s'], suffixes: ['-retry', '-retry'] },
  { name: 'index', naming: 'spring-index', tiers: ['8s', '8s'], suffixes: ['-retry-0', '-retry-1'] },
  {
    name: 'delay',
    naming: 'spring-delay',
    tiers: ['8s', '8800ms'],
    suffixes: ['-retry-8000', '-retry-8800'],
  },
];

/** Where attempt 1, 2 or 3 is made. */
export function topicOfAttempt(source: string, { suffixes }: Naming, attempt: number): string {
  return attempt === 1 ? source : `${source}${suffixes[attempt - 2]}`;
}
