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
  { name: 'single', naming: 'spring-single', tiers: ['5s', '5s'], suffixes: ['-retry', '-retry'] },
  { name: 'index', naming: 'spring-index', tiers: ['5s', '5s'], suffixes: ['-retry-0', '-retry-1'] },
  {
    name: 'delay',
    naming: 'spring-delay',
    tiers: ['5s', '5500ms'],
    suffixes: ['-retry-5000', '-retry-5500'],
  },
];

/** By the end of a source's name. */
export function namingOf(source: string): Naming {
  return NAMINGS.find(({ name }) => source.endsWith(`-${name}`)) as Naming;
}

/** Where attempt 1, 2 or 3 is made. */
export function topicOfAttempt(source: string, attempt: number): string {
  return attempt === 1 ? source : `${source}${namingOf(source).suffixes[attempt - 2]}`;
}
