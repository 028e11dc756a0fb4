import { type RetryStrategy, toMilliseconds, VeloError } from '@velo/retry-core';
import { topicNameFault } from '../binding/legal-topic-name.js';
import type { KafkaRecord } from '../binding/record.js';
import type { InPlaceLimits } from '../failures/decide.js';
import type { DeadLetterHeaders, HeaderProfile, TierHeaders } from '../headers/profile.js';
import { headerProfiles } from '../headers/profiles.js';
import { springRetryTopicHeaders } from '../headers/spring.js';
import { type Batch, batchOf } from './batch.js';
import { fail, legalTopic, oneOf, optionalFunction, whole } from './check-option.js';
import { type Concurrency, concurrencyOf } from './concurrency.js';
import type { ExhaustedPolicy, HandlerContext, RetryPolicy, TopicNaming, TopicPolicy } from './config.js';
import { type DeadLetterRouter, deadLetterRouter } from './dead-letter-route.js';
import { DEFAULT_STRATEGY, DEFAULTS } from './defaults.js';
import { type FlowLimits, flowOf } from './flow.js';
import { type Complain, guardedClassify, guardedStrategy } from './guarded-options.js';
import { keepKeyOrderOf, keyed, keyedInTier } from './keep-key-order.js';
import { springTierTopics } from './spring-topic-names.js';
import { deadLetterTopic, tierTopic } from './topic-names.js';

/** A retry topic, as a copy's destination. */
export interface Tier {
  readonly topic: string;
  /** 1 = the first. */
  readonly tierNumber: number;
  /** How long a copy waits there, ms. */
  readonly wait: number;
}

/** The default dead-letter topic, and the router that may name others. */
export interface DeadLetters {
  readonly action: 'dead-letter';
  readonly topic: string;
  readonly headers: HeaderProfile;
  readonly router: DeadLetterRouter;
  /** How long its topics are to keep them, ms. */
  readonly retention: number;
}

/** How the records of one subscribed topic are handled. */
export interface Route {
  readonly topic: string;
  /** The topic that the records come from in the end: `topic` itself unless this is a tier. */
  readonly source: string;
  /** 0 = the source, n = the n-th tier. */
  readonly tier: number;
  /** How long a record of this tier waits, ms. */
  readonly wait: number;
  /** Those of the tiers after this one that have the same topic: Spring's single one, in its order. */
  readonly later: readonly Route[];
  /** All tiers of the source, by their number. */
  readonly tiers: readonly Tier[];
  /** Those that a record of this topic may still go to, the next one first. */
  readonly ahead: readonly Tier[];
  readonly limits: InPlaceLimits;
  readonly decode: ((record: KafkaRecord) => unknown) | undefined;
  /** Of one record; `undefined` where there is a batch. */
  readonly handler: ((message: never, context: HandlerContext) => unknown) | undefined;
  readonly batch: Batch | undefined;
  /** ms */
  readonly handlerTimeout: number | undefined;
  readonly concurrency: Concurrency;
  readonly classify: RetryPolicy['classify'];
  /** Where a record goes that is given up. */
  readonly exhausted: DeadLetters | { readonly action: 'skip' | 'stop' };
  /** What happens when no topic takes a copy. */
  readonly refused: 'stop' | 'skip';
  readonly tierHeaders: HeaderProfile;
  /** The names of the tiers do not hold the group, so that other groups may write there. */
  readonly sharedTiers: boolean;
  /** A record does not pass those of its key that wait in tiers. */
  readonly keepKeyOrder: boolean;
  readonly stackTraces: boolean;
  /** What may hold its records. */
  readonly flow: FlowLimits;
}

/** What the policies of all topics are checked against. */
export interface PlanContext {
  readonly groupId: string;
  /** Whether the client can carry them; asked only where they are wanted. */
  readonly binaryHeaders: () => boolean;
  /** Whether the consumer reads this topic. */
  readonly isRead: (topic: string) => boolean;
  /** Told, once the consumer runs, of functions of the configuration that fail. */
  readonly complain: Complain;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const MAX_TIERS = 32;
const NAMINGS: readonly TopicNaming[] = [
  'velo',
  'spring-index',
  'spring-delay',
  'spring-single',
  'spring-single-index',
];
const TIER_HEADERS: readonly TierHeaders[] = ['velo', 'spring'];
const DEAD_LETTER_HEADERS: readonly DeadLetterHeaders[] = ['velo', 'spring', 'connect', 'kip1191'];

/**
 * The routes of a source and of its tiers.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, `VELO_NOT_SUPPORTED`
 */
export function planTopic<T>(source: string, policy: TopicPolicy<T>, context: PlanContext): Route[] {
  legalTopic(source, 'topics');
  const { retry = {}, handler, exhausted = DEFAULTS.exhausted, handlerTimeout } = policy;
  const batch = policy.batch === undefined ? undefined : batchOf(policy.batch);
  if (batch === undefined && typeof handler !== 'function') noHandler(source, handler);
  const { naming = DEFAULTS.naming, stackTraces = DEFAULTS.stackTraces } = retry;
  if (typeof stackTraces !== 'boolean') fail('retry.stackTraces', stackTraces, 'true or false');
  const tiers = tiersOf(source, retry, context.groupId);
  const tierHeaders = profileOf(
    retry.headers ?? DEFAULTS.tierHeaders,
    TIER_HEADERS,
    'retry.headers',
    context,
  );
  const concurrency = keyed(concurrencyOf(policy), policy);
  const deadLetters = naming === 'velo' ? deadLetterTopic(source, context.groupId) : `${source}-dlt`;
  const common = {
    source,
    tiers,
    limits: {
      maxAttempts: whole(
        retry.inPlace?.maxAttempts ?? DEFAULTS.maxAttempts,
        'retry.inPlace.maxAttempts',
        1,
        1_000_000,
      ),
      strategy: strategyOf(retry, context.complain),
    },
    decode: optionalFunction(policy.decode, 'decode'),
    handler: handler as Route['handler'],
    batch,
    handlerTimeout:
      handlerTimeout === undefined ? undefined : toMilliseconds(handlerTimeout, 'handlerTimeout', { min: 1 }),
    concurrency,
    keepKeyOrder: keepKeyOrderOf(policy, tiers),
    classify: retry.classify && guardedClassify(retry.classify, context.complain),
    refused: oneOf(policy.refused ?? DEFAULTS.refused, ['stop', 'skip'], 'refused'),
    exhausted: exhaustedOf(exhausted, { topic: deadLetters, headers: tierHeaders, naming }, context),
    tierHeaders,
    sharedTiers: naming !== 'velo',
    stackTraces,
    flow: flowOf(policy.flow),
  };
  const ofTier = keyedInTier(concurrency, common.keepKeyOrder);
  const ofTiers: Route[] = [];
  for (const { topic, tierNumber, wait } of tiers.toReversed()) {
    const later = ofTiers[0]?.topic === topic ? [ofTiers[0], ...ofTiers[0].later] : [];
    const ahead = tiers.slice(tierNumber);
    const route = { ...common, concurrency: ofTier, topic, tier: tierNumber, wait, later, ahead };
    ofTiers.unshift(route);
  }
  const first = ofTiers.filter(({ topic }, i) => topic !== ofTiers[i - 1]?.topic);
  return [{ ...common, topic: source, tier: 0, wait: 0, later: [], ahead: tiers }, ...first];
}

function noHandler(topic: string, handler: unknown): never {
  const remedy = `a function. Topic "${topic}" has no other, and no batch: nobody would handle its records, and no consumer was made. Give its policy a handler, or give one beside topics, for all that have none`;
  fail('handler', handler, remedy);
}

function tiersOf(source: string, { tiers = DEFAULTS.tiers, naming }: RetryPolicy, groupId: string): Tier[] {
  const style = oneOf(naming ?? DEFAULTS.naming, NAMINGS, 'retry.naming');
  if (!Array.isArray(tiers)) fail('retry.tiers', tiers, "a list of waits, such as ['5s', '1m']");
  const waits = tiers.map((wait, i) => toMilliseconds(wait, `retry.tiers[${i}]`, { min: 1, max: 7 * DAY }));
  if (waits.length > MAX_TIERS) fail('retry.tiers', waits.length, `at most ${MAX_TIERS} tiers`);
  const topics =
    style === 'velo'
      ? waits.map((wait, i) =>
          tierTopic(source, groupId, wait, waits.slice(0, i).filter((w) => w === wait).length),
        )
      : springTierTopics(source, waits, style);
  if (topics === undefined)
    fail(
      'retry.tiers',
      tiers,
      `waits of which only the last ones are equal, as retry.naming '${style}' needs it`,
    );
  const tooLong = topics.find(topicNameFault);
  if (tooLong !== undefined)
    fail('retry.naming', style, `'velo', since Spring's name ${tooLong} is too long`);
  return waits.map((wait, i) => ({ topic: topics[i] as string, tierNumber: i + 1, wait }));
}

function strategyOf({ inPlace }: RetryPolicy, complain: Complain): RetryStrategy {
  const strategy = inPlace?.strategy;
  if (strategy === undefined) return DEFAULT_STRATEGY;
  return guardedStrategy(strategy, 'retry.inPlace.strategy', complain);
}

function exhaustedOf(
  policy: ExhaustedPolicy,
  defaults: { readonly topic: string; readonly headers: HeaderProfile; readonly naming: TopicNaming },
  context: PlanContext,
): Route['exhausted'] {
  const action = oneOf(policy.action, ['dead-letter', 'skip', 'stop'], 'exhausted.action');
  if (action !== 'dead-letter') return { action };
  const {
    topic = defaults.topic,
    headers = defaults.headers.name,
    retention = DEFAULTS.retention,
    route,
    routeTopics = [],
  } = policy as Extract<ExhaustedPolicy, { action: 'dead-letter' }>;
  const profile = profileOf(headers, DEAD_LETTER_HEADERS, 'exhausted.headers', context);
  return {
    action,
    topic: legalTopic(topic, 'exhausted.topic'),
    headers: profile.name === 'spring' && defaults.naming !== 'velo' ? springRetryTopicHeaders : profile,
    router: deadLetterRouter(route, routeTopics, context.isRead),
    retention: Math.ceil(toMilliseconds(retention, 'exhausted.retention', { min: HOUR, max: 3_650 * DAY })),
  };
}

function profileOf<P extends DeadLetterHeaders>(
  name: P,
  allowed: readonly P[],
  option: string,
  { binaryHeaders }: PlanContext,
): HeaderProfile {
  const profile = headerProfiles[oneOf(name, allowed, option)];
  if (!profile.binary || binaryHeaders()) return profile;
  const text = allowed.filter((other) => !headerProfiles[other].binary).map((other) => `'${other}'`);
  throw new VeloError(
    'VELO_NOT_SUPPORTED',
    `${option} is '${name}', whose values are binary, and this Kafka client cannot carry them. No consumer was made. Set ${option} to ${text.join(' or ')}, or use a client with binary headers.`,
  );
}
