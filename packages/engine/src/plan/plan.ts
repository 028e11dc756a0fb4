import { checkNames, toMilliseconds } from '@velo/retry-core';
import { merged } from './batch.js';
import { fail, oneOf, unreadTopic, whole } from './check-option.js';
import { perConsumerOf, refusePerConsumer } from './concurrency.js';
import type { ConsumerSettings, TopicPolicy } from './config.js';
import { DEFAULTS } from './defaults.js';
import { formerTier } from './former-tiers.js';
import type { Complain } from './guarded-options.js';
import { CONSUMER_NAMES, POLICY_NAMES } from './option-names.js';
import { planTopic, type Route } from './plan-topic.js';
import { replayTopic } from './topic-names.js';

/** A configuration that was checked, with its defaults and names filled in. Never changes. */
export interface ConsumerPlan {
  readonly groupId: string;
  readonly sources: readonly string[];
  /** Of the sources and their tiers, by topic. What a consumer reads beside them, its `Subscription` knows. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly startFrom: 'earliest' | 'latest';
  /** How long `start()` waits for missing topics, ms. */
  readonly waitForTopics: number;
  readonly handOff: 'at-least-once' | 'transactional';
  readonly createTopics: boolean;
  readonly replicationFactor: number;
  readonly topicConfigs: Readonly<Record<string, string>>;
  /** Handlers at once in all partitions together; `Infinity`: no limit. */
  readonly perConsumer: number;
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
const MAX_BYTES = 2 ** 40;

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
  config: ConsumerSettings<T>,
  topicWait: number,
  binaryHeaders: () => boolean = () => true,
  complain: Complain = () => {},
): ConsumerPlan {
  checkConsumer(config);
  const { groupId, topics, startFrom = DEFAULTS.startFrom, topology = {}, buffer = {} } = config;
  if (typeof groupId !== 'string' || groupId === '') fail('groupId', groupId, 'a text that is not empty');
  if (topics !== undefined && (typeof topics !== 'object' || topics === null))
    fail('topics', topics, "a list, such as ['orders'], or a policy for each topic");
  const policies: [string, TopicPolicy<T>][] = Array.isArray(topics)
    ? topics.map((topic) => [topic, {}])
    : Object.entries((topics ?? {}) as Record<string, TopicPolicy<T>>);
  if (policies.length === 0) fail('topics', topics, 'at least one topic');

  const routes = new Map<string, Route>();
  const sources = policies.map(([topic]) => topic);
  const isRead = (topic: string) =>
    routes.has(topic) ||
    formerTier(topic, { groupId, sources, routes }) !== undefined ||
    sources.some((source) => topic === replayTopic(source, groupId));
  const context = { groupId, binaryHeaders, isRead, complain };
  for (const [topic, policy] of policies) {
    checkNames(policy, POLICY_NAMES, `the policy of topic "${topic}"`);
    refusePerConsumer(policy, topic);
    for (const route of planTopic(topic, merged<TopicPolicy<T>>(config, defined(policy)), context)) {
      if (routes.has(route.topic)) fail('topics', route.topic, 'each topic once, and none of velo’s own');
      routes.set(route.topic, route);
    }
  }
  for (const route of routes.values()) refuseCircle(route, isRead);

  return {
    groupId,
    sources,
    routes,
    startFrom: oneOf(startFrom, ['earliest', 'latest'], 'startFrom'),
    waitForTopics:
      config.waitForTopics === undefined ? topicWait : toMilliseconds(config.waitForTopics, 'waitForTopics'),
    handOff: oneOf(config.handOff ?? DEFAULTS.handOff, ['at-least-once', 'transactional'], 'handOff'),
    createTopics:
      oneOf(topology.create ?? DEFAULTS.createTopics, ['if-missing', 'never'], 'topology.create') ===
      'if-missing',
    replicationFactor: whole(
      topology.replicationFactor ?? DEFAULTS.replicationFactor,
      'topology.replicationFactor',
      -1,
      32_767,
    ),
    topicConfigs: topology.configs ?? {},
    perConsumer: perConsumerOf(config),
    bufferRecords: whole(buffer.records ?? DEFAULTS.bufferRecords, 'buffer.records', 1, 1e9),
    bufferBytes: whole(buffer.bytes ?? DEFAULTS.bufferBytes, 'buffer.bytes', 1, MAX_BYTES),
    bufferTotalBytes: whole(
      buffer.totalBytes ?? DEFAULTS.bufferTotalBytes,
      'buffer.totalBytes',
      1,
      MAX_BYTES,
    ),
    commitInterval: toMilliseconds(config.commitInterval ?? DEFAULTS.commitInterval, 'commitInterval', {
      min: 1,
      max: 60_000,
    }),
    stallAfter: toMilliseconds(config.stallAfter ?? DEFAULTS.stallAfter, 'stallAfter', {
      min: 1,
      max: 365 * DAY,
    }),
  };
}

/** @throws {VeloError} `VELO_INVALID_OPTION` for what is no object, and for an unknown name, naming the nearest */
export function checkConsumer(config: object): void {
  if (typeof config !== 'object' || config === null)
    fail('the configuration of a consumer', config, 'an object');
  checkNames(config, CONSUMER_NAMES, 'consumer()');
}

/** Once all that is read is known. */
function refuseCircle({ exhausted }: Route, isRead: (topic: string) => boolean): void {
  if (exhausted.action !== 'dead-letter') return;
  unreadTopic(exhausted.topic, 'exhausted.topic', isRead);
  for (const topic of exhausted.router.topics) unreadTopic(topic, 'exhausted.route', isRead);
}

/** Without the keys that are undefined: they override nothing. */
function defined<P extends object>(policy: P): Partial<P> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) as Partial<P>;
}
