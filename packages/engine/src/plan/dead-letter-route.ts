import { type ErrorCategory, errorCategories, invalidOption, watchRejection } from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';
import type { DeadLetterReason } from '../failures/decide.js';
import type { Failure } from '../failures/failure.js';
import { legalTopic, unreadTopic } from './check-option.js';

/** Why a record is given up, for a function that says where it goes. */
export interface GivenUp {
  readonly reason: DeadLetterReason;
  readonly category: ErrorCategory;
  /** What was thrown. */
  readonly error: unknown;
  /** The error's class. */
  readonly name: string;
  readonly message: string;
  /** What was running. */
  readonly stage: 'decode' | 'handler';
  /** Kafka's, only if the error comes from a client. */
  readonly code: number | undefined;
  /** 0 = the source topic. */
  readonly tier: number;
  /** Attempts in all topics. */
  readonly totalAttempts: number;
}

/**
 * Where a record goes that is given up: a topic, or `'skip'` or `'stop'` as the actions of these names. As a map by
 * reason or category, of which a reason that is named wins; or as a function. What neither names goes to the topic of
 * dead letters.
 */
export type DeadLetterRoute =
  | Readonly<Partial<Record<ErrorCategory | DeadLetterReason, string>>>
  | ((failure: GivenUp, record: KafkaRecord) => string | undefined);

/** A route that was checked. */
export interface DeadLetterRouter {
  /** The topics that are known before; a function may name others. */
  readonly topics: readonly string[];
  /**
   * A topic, `'skip'`, `'stop'`, or `undefined` for the default topic.
   *
   * @throws what a function throws, or `VELO_INVALID_OPTION` if it gives back what is none of these
   */
  destination(failure: GivenUp, record: KafkaRecord): string | undefined;
}

const KEYS: readonly string[] = ['permanent', 'exhausted', 'refused', ...errorCategories] satisfies readonly (
  | ErrorCategory
  | DeadLetterReason
)[];

/**
 * @param declared topics that a function may name
 * @param isRead whether this consumer reads a topic: its records would go round for ever
 * @throws {VeloError} `VELO_INVALID_OPTION`
 */
export function deadLetterRouter(
  route: DeadLetterRoute | undefined,
  declared: readonly string[],
  isRead: (topic: string) => boolean,
): DeadLetterRouter {
  declared.forEach((topic, i) => {
    checkTopic(topic, `exhausted.routeTopics[${i}]`, isRead);
  });
  if (route === undefined) return { topics: declared, destination: () => undefined };
  if (typeof route === 'function') {
    return {
      topics: declared,
      destination: (failure, record) => {
        const answer: unknown = route(failure, record);
        // An asynchronous function is refused here; what it rejects with must not end the process.
        watchRejection(answer);
        return answer === undefined
          ? undefined
          : checkDestination(answer, 'what exhausted.route returned', isRead);
      },
    };
  }
  if (typeof route !== 'object' || route === null)
    throw invalidOption('exhausted.route', route, 'a map by category or reason, or a function');
  const named = new Map<string, string>();
  for (const [key, to] of Object.entries(route)) {
    if (!KEYS.includes(key)) throw invalidOption('exhausted.route', key, `by ${KEYS.join(', ')}`);
    if (to !== undefined) named.set(key, checkDestination(to, `exhausted.route.${key}`, isRead));
  }
  const topics = [...named.values()].filter((to) => !isAction(to));
  return {
    topics: [...new Set([...declared, ...topics])],
    destination: ({ reason, category }) => named.get(reason) ?? named.get(category),
  };
}

/** What a function is told of a failure. */
export function givenUp(
  { error, name, message, stage, category, code }: Failure,
  reason: DeadLetterReason,
  tier: number,
  totalAttempts: number,
): GivenUp {
  return { reason, category, error, name, message, stage, code, tier, totalAttempts };
}

function isAction(destination: string): destination is 'skip' | 'stop' {
  return destination === 'skip' || destination === 'stop';
}

function checkDestination(to: unknown, option: string, isRead: (topic: string) => boolean): string {
  return typeof to === 'string' && isAction(to) ? to : checkTopic(to, option, isRead);
}

function checkTopic(topic: unknown, option: string, isRead: (topic: string) => boolean): string {
  const legal = legalTopic(topic, option, (fault) => `a topic, 'skip' or 'stop' (${fault})`);
  return unreadTopic(legal, option, isRead);
}
