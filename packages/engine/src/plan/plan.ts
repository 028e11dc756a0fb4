import type { RetryStrategy } from '@velo/retry-core';
import { exponential, invalidOption, toMilliseconds, VeloError } from '@velo/retry-core';
import { topicNameFault } from '../binding/legal-topic-name.js';
import type { KafkaRecord } from '../binding/record.js';
import type { RetryLimits } from '../failures/decide.js';
import type { DeadLetterHeaders, HeaderProfile, TierHeaders } from '../headers/profile.js';
import { headerProfiles } from '../headers/profiles.js';
import type { ConsumerConfig, ExhaustedPolicy, HandlerContext, TopicPolicy } from './config.js';
import { type DeadLetterRouter, deadLetterRouter } from './dead-letter-route.js';
import { type Complain, guardedClassify, guardedStrategy } from './guarded-options.js';
import { springTierTopics } from './spring-topic-names.js';
import { deadLetterTopic, tierTopic } from './topic-names.js';

/** How the records of one subscribed topic are handled. */
export interface Route {
  readonly topic: string;
  /** The topic that the records come from in the end: `topic` itself unless this is a tier. */
  readonly source: string;
  /** 0 = the source. */
  readonly tier: number;
  /** Which of `limits.tiers` comes next. */
  readonly nextTier: number;
  /** How long a record of this tier waits, ms. */
  readonly wait: number;
  readonly tierTopics: readonly string[];
  readonly limits: RetryLimits;
  readonly decode: ((record: KafkaRecord) => unknown) | undefined;
  readonly handler: (message: never, context: HandlerContext) => unknown;
  /** ms */
  readonly handlerTimeout: number | undefined;
  readonly classify:
    | ((error: unknown, record: KafkaRecord) => 'retry' | 'dead-letter' | undefined)
    | undefined;
  readonly exhausted:
    | {
        readonly action: 'dead-letter';
        /** The default one. */
        readonly topic: string;
        readonly headers: HeaderProfile;
        readonly router: DeadLetterRouter;
      }
    | { readonly action: 'skip' | 'stop' };
  /** When nobody takes a copy. */
  readonly refused: 'stop' | 'skip';
  readonly tierHeaders: HeaderProfile;
  /** The names of the tiers do not hold the group, so that other groups may write there. */
  readonly sharedTiers: boolean;
  readonly stackTraces: boolean;
}

/** A configuration that was checked, with its defaults and names filled in. */
export interface ConsumerPlan {
  readonly groupId: string;
  readonly sources: readonly string[];
  /** All subscribed topics: sources and tiers; at the start, tiers of an earlier configuration are added. */
  readonly routes: Map<string, Route>;
  readonly startFrom: 'earliest' | 'latest';
  /** How long `start()` waits for missing topics, ms. */
  readonly waitForTopics: number;
  readonly handOff: 'at-least-once' | 'transactional';
  readonly createTopics: boolean;
  readonly replicationFactor: number;
  readonly topicConfigs: Readonly<Record<string, string>>;
  readonly bufferRecords: number;
  readonly bufferBytes: number;
  /** Of all partitions together. */
  readonly bufferTotalBytes: number;
  /** ms */
  readonly commitInterval: number;
  /** ms */
  readonly stallAfter: number;
}

const DAY = 86_400_000;
export const MAX_TIERS = 32;
const TIER_HEADERS: readonly TierHeaders[] = ['velo', 'spring'];
const DEAD_LETTER_HEADERS: readonly DeadLetterHeaders[] = ['velo', 'spring', 'connect', 'kip1191'];
const DEFAULT_STRATEGY: RetryStrategy = /* @__PURE__ */ exponential({
  initial: 100,
  multiplier: 2,
  max: 1_000,
});

/**
 * Checks a configuration, once.
 *
 * @param topicWait the default of `waitForTopics`, ms
 * @param binaryHeaders whether the client can carry them; asked only where they are wanted
 * @param complain told, once the consumer runs, of functions of the configuration that fail
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming the option, its value and what is allowed; `VELO_NOT_SUPPORTED` if
 *   the client cannot do what an option asks for
 */
export function planConsumer<T>(
  config: ConsumerConfig<T>,
  topicWait: number,
  binaryHeaders: () => boolean = () => true,
  complain: Complain = () => {},
): ConsumerPlan {
  const { groupId, topics, startFrom = 'latest', topology = {} } = config;
  if (typeof groupId !== 'string' || groupId === '') fail('groupId', groupId, 'a text that is not empty');
  if (startFrom !== 'earliest' && startFrom !== 'latest')
    fail('startFrom', startFrom, "'earliest' or 'latest'");
  const policies: [string, TopicPolicy<T>][] = Array.isArray(topics)
    ? topics.map((topic) => [topic, {}])
    : Object.entries((topics ?? {}) as Record<string, TopicPolicy<T>>);
  if (policies.length === 0) fail('topics', topics, 'at least one topic');

  const routes = new Map<string, Route>();
  const isRead = (topic: string) => routes.has(topic);
  for (const [topic, policy] of policies) {
    for (const route of routesOf(
      topic,
      groupId,
      { ...config, ...defined(policy) },
      binaryHeaders,
      isRead,
      complain,
    )) {
      if (routes.has(route.topic)) fail('topics', route.topic, 'each topic once, and none of velo’s own');
      routes.set(route.topic, route);
    }
  }
  for (const { exhausted } of routes.values()) {
    if (exhausted.action !== 'dead-letter') continue;
    const read = [exhausted.topic, ...exhausted.router.topics].find(isRead);
    if (read !== undefined) {
      fail(
        read === exhausted.topic ? 'exhausted.topic' : 'exhausted.route',
        read,
        'a topic that this consumer does not read: its records would go round for ever',
      );
    }
  }
  return {
    groupId,
    sources: policies.map(([topic]) => topic),
    routes,
    startFrom,
    waitForTopics:
      config.waitForTopics === undefined ? topicWait : toMilliseconds(config.waitForTopics, 'waitForTopics'),
    handOff: oneOf(config.handOff ?? 'at-least-once', ['at-least-once', 'transactional'], 'handOff'),
    createTopics:
      oneOf(topology.create ?? 'if-missing', ['if-missing', 'never'], 'topology.create') === 'if-missing',
    replicationFactor: whole(topology.replicationFactor ?? -1, 'topology.replicationFactor', -1, 32_767),
    topicConfigs: topology.configs ?? {},
    bufferRecords: whole(config.buffer?.records ?? 2_000, 'buffer.records', 1, 1e9),
    bufferBytes: whole(config.buffer?.bytes ?? 8 * 1024 * 1024, 'buffer.bytes', 1, 2 ** 40),
    bufferTotalBytes: whole(config.buffer?.totalBytes ?? 64 * 1024 * 1024, 'buffer.totalBytes', 1, 2 ** 40),
    commitInterval: toMilliseconds(config.commitInterval ?? 250, 'commitInterval', { min: 1, max: 60_000 }),
    stallAfter: toMilliseconds(config.stallAfter ?? 300_000, 'stallAfter', { min: 1, max: 365 * DAY }),
  };
}

function routesOf<T>(
  source: string,
  groupId: string,
  policy: TopicPolicy<T>,
  binaryHeaders: () => boolean,
  isRead: (topic: string) => boolean,
  complain: Complain,
): Route[] {
  const fault = typeof source === 'string' ? topicNameFault(source) : 'it is no text';
  if (fault) fail('topics', source, `a legal name: ${fault}`);
  const { retry = {}, handler, decode, exhausted = { action: 'dead-letter' } } = policy;
  if (typeof handler !== 'function') fail('handler', handler, 'a function');
  if (decode !== undefined && typeof decode !== 'function') fail('decode', decode, 'a function');
  const waits = (retry.tiers ?? []).map((wait, i) =>
    toMilliseconds(wait, `retry.tiers[${i}]`, { min: 1, max: 7 * DAY }),
  );
  if (waits.length > MAX_TIERS) fail('retry.tiers', waits.length, `at most ${MAX_TIERS} tiers`);
  const { naming = 'velo', stackTraces = false, inPlace: { strategy } = {} } = retry;
  oneOf(naming, ['velo', 'spring-index', 'spring-delay'], 'retry.naming');
  if (typeof stackTraces !== 'boolean') fail('retry.stackTraces', stackTraces, 'true or false');
  const tierTopics =
    naming === 'velo'
      ? waits.map((wait, i) =>
          tierTopic(source, groupId, wait, waits.slice(0, i).filter((w) => w === wait).length),
        )
      : springTierTopics(source, waits, naming);
  if (tierTopics.some(topicNameFault))
    fail(
      'retry.naming',
      naming,
      `'velo', since Spring's name ${tierTopics.find(topicNameFault)} is too long`,
    );
  const tierHeaders = profileOf(retry.headers ?? 'velo', TIER_HEADERS, 'retry.headers', binaryHeaders);
  const deadLetters = naming === 'velo' ? deadLetterTopic(source, groupId) : `${source}-dlt`;
  const common = {
    source,
    tierTopics,
    limits: {
      maxAttempts: whole(retry.inPlace?.maxAttempts ?? 3, 'retry.inPlace.maxAttempts', 1, 1_000_000),
      strategy:
        strategy === undefined
          ? DEFAULT_STRATEGY
          : guardedStrategy(strategy, 'retry.inPlace.strategy', complain),
      tiers: waits,
    },
    decode,
    handler: handler as Route['handler'],
    handlerTimeout:
      policy.handlerTimeout === undefined
        ? undefined
        : toMilliseconds(policy.handlerTimeout, 'handlerTimeout', { min: 1 }),
    classify: retry.classify && guardedClassify(retry.classify, complain),
    refused: oneOf(policy.refused ?? 'stop', ['stop', 'skip'], 'refused'),
    exhausted: resolveExhausted(exhausted, deadLetters, tierHeaders, binaryHeaders, isRead),
    tierHeaders,
    sharedTiers: naming !== 'velo',
    stackTraces,
  };
  return [source, ...tierTopics].map((topic, tier) => ({
    ...common,
    topic,
    tier,
    nextTier: tier,
    wait: waits[tier - 1] ?? 0,
  }));
}

function resolveExhausted(
  policy: ExhaustedPolicy,
  defaultTopic: string,
  defaultHeaders: HeaderProfile,
  binaryHeaders: () => boolean,
  isRead: (topic: string) => boolean,
): Route['exhausted'] {
  const action = oneOf(policy.action, ['dead-letter', 'skip', 'stop'], 'exhausted.action');
  if (action !== 'dead-letter') return { action };
  const {
    topic = defaultTopic,
    headers = defaultHeaders.name,
    route,
    routeTopics = [],
  } = policy as Extract<ExhaustedPolicy, { action: 'dead-letter' }>;
  const fault = topicNameFault(topic);
  if (fault) fail('exhausted.topic', topic, `a legal name: ${fault}`);
  return {
    action,
    topic,
    headers: profileOf(headers, DEAD_LETTER_HEADERS, 'exhausted.headers', binaryHeaders),
    router: deadLetterRouter(route, routeTopics, isRead),
  };
}

function profileOf<P extends DeadLetterHeaders>(
  name: P,
  allowed: readonly P[],
  option: string,
  binaryHeaders: () => boolean,
): HeaderProfile {
  const profile = headerProfiles[oneOf(name, allowed, option)];
  if (!profile.binary || binaryHeaders()) return profile;
  const text = allowed.filter((other) => !headerProfiles[other].binary).map((other) => `'${other}'`);
  throw new VeloError(
    'VELO_NOT_SUPPORTED',
    `${option} is '${name}', whose values are binary, and this Kafka client cannot carry them. Set ${option} to ${text.join(' or ')}, or use a client with binary headers.`,
  );
}

function oneOf<V extends string>(value: V, allowed: readonly V[], option: string): V {
  if (!allowed.includes(value)) fail(option, value, allowed.map((name) => `'${name}'`).join(' or '));
  return value;
}

function whole(value: number, option: string, min: number, max: number): number {
  if (!(Number.isInteger(value) && value >= min && value <= max))
    fail(option, value, `a whole number from ${min} to ${max}`);
  return value;
}

/** Without the keys that are undefined: they override nothing. */
function defined<P extends object>(policy: P): Partial<P> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) as Partial<P>;
}

function fail(option: string, value: unknown, allowed: string): never {
  throw invalidOption(option, value, allowed);
}
