import type {
  BatchPolicy,
  BufferPolicy,
  ConsumerSettings,
  ExhaustedPolicy,
  FlowPolicy,
  InPlaceRetry,
  RatePolicy,
  RetryBudgetPolicy,
  RetryPolicy,
  TopicPolicy,
  TopologyPolicy,
} from './config.js';

/** The names that a configuration may have: others are refused, since they would change nothing. */
type NamesOf<T> = Readonly<Record<keyof T, unknown>>;

const IN_PLACE = { maxAttempts: true, strategy: true } as const satisfies NamesOf<InPlaceRetry>;

const RETRY = {
  inPlace: IN_PLACE,
  tiers: true,
  classify: true,
  headers: true,
  naming: true,
  keepKeyOrder: true,
  stackTraces: true,
} as const satisfies NamesOf<RetryPolicy>;

const EXHAUSTED = {
  action: true,
  topic: true,
  headers: true,
  retention: true,
  route: true,
  routeTopics: true,
} as const satisfies NamesOf<Extract<ExhaustedPolicy, { action: 'dead-letter' }>>;

/** Of one topic. */
export const POLICY_NAMES = {
  decode: true,
  handler: true,
  batch: {
    handler: true,
    maxRecords: true,
    maxBytes: true,
    maxWait: true,
  } as const satisfies NamesOf<BatchPolicy>,
  handlerTimeout: true,
  // A number, too: see `concurrencyOf`.
  concurrency: true,
  order: true,
  retry: RETRY,
  exhausted: EXHAUSTED,
  refused: true,
  // What stands there may be no object: see `flowOf`.
  flow: {
    guard: true,
    rate: { perSecond: true, burst: true } as const satisfies NamesOf<RatePolicy>,
    breaker: true,
    retryBudget: {
      ratio: true,
      minPerSecond: true,
      capacity: true,
    } as const satisfies NamesOf<RetryBudgetPolicy>,
  } as const satisfies NamesOf<FlowPolicy>,
} as const satisfies NamesOf<TopicPolicy>;

export const CONSUMER_NAMES = {
  groupId: true,
  topics: true,
  ...POLICY_NAMES,
  startFrom: true,
  waitForTopics: true,
  // Names of topic configurations are the brokers' to know.
  topology: {
    create: true,
    replicationFactor: true,
    configs: true,
  } as const satisfies NamesOf<TopologyPolicy>,
  handOff: true,
  buffer: { records: true, bytes: true, totalBytes: true } as const satisfies NamesOf<BufferPolicy>,
  commitInterval: true,
  stallAfter: true,
  logger: true,
  client: true,
} as const satisfies NamesOf<ConsumerSettings>;
