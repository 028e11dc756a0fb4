import { VeloError } from '@velo/retry-core';
import { TRANSACTION_TIMEOUT } from '@velo/retry-core/engine';
import { CODES, RdKafkaError } from './errors.js';
import type { RdKafka, RdKafkaProperties } from './rdkafka-api.js';

/** What node-rdkafka takes as its two arguments. */
export interface RdKafkaConfig {
  readonly global: RdKafkaProperties;
  readonly topic: RdKafkaProperties;
}

/** Properties of topics alone (CONFIGURATION.md of librdkafka): among the global ones, node-rdkafka drops them silently. */
const TOPIC_PROPERTIES: ReadonlySet<string> = new Set([
  'acks',
  'request.required.acks',
  'request.timeout.ms',
  'message.timeout.ms',
  'delivery.timeout.ms',
  'queuing.strategy',
  'produce.offset.report',
  'partitioner',
  'partitioner_cb',
  'msg_order_cmp',
  'auto.commit.enable',
  'auto.offset.reset',
  'offset.store.path',
  'offset.store.sync.interval.ms',
  'offset.store.method',
  'consume.callback.max.messages',
]);

/** Left out, whoever sets them: velo listens for itself, or would be kept from what it stands on. */
const NOT_THEIRS: ReadonlySet<string> = new Set([
  'event_cb',
  'rebalance_cb',
  'offset_commit_cb',
  'dr_cb',
  'dr_msg_cb',
  'delivery.report.only.error',
  'transactional.id',
  'request.required.acks',
  'auto.commit.enable',
  // node-rdkafka's producer takes these as where to produce to.
  'topic',
  'partition',
]);

const DEFAULTS = {
  /** ms. At librdkafka's own 10 s, clients come back late after an outage. */
  'reconnect.backoff.max.ms': 1_000,
} as const;

/** What velo reads in the log: refused credentials, positions that are reset. Nothing is printed. */
const FORCED = { log_level: 6, 'allow.auto.create.topics': false } as const;

const PRODUCER_DEFAULTS = {
  /** Its own tries neither double nor reorder. */
  'enable.idempotence': true,
  /** ms. A batch comes from velo in one go, so there is little to wait for. */
  'linger.ms': 1,
  /** ms. After that the core tries again, and says so. */
  'message.timeout.ms': 10_000,
  /** Bytes. How large a record may be is the brokers' affair. */
  'message.max.bytes': 100_000_000,
  /** ms. How long a topic may be missing before its records are refused. */
  'topic.metadata.propagation.max.ms': 2_000,
} as const;

const CONSUMER_DEFAULTS = {
  /** ms. A dead member holds its partitions for so long. */
  'session.timeout.ms': 10_000,
  /** ms. A member hears of a rebalance with its heartbeat. */
  'heartbeat.interval.ms': 1_000,
  /** ms. After that new topics and partitions are seen. */
  'topic.metadata.refresh.interval.ms': 2_000,
  /**
   * ms. An idle fetch. It has only the partitions that could be fetched when it began, so a seek, a resume and a new
   * assignment wait for its end: records that are due then are late by as much.
   */
  'fetch.wait.max.ms': 100,
  /** ms. A third more records a second than with librdkafka's own 1,000. */
  'fetch.queue.backoff.ms': 10,
  /** Records of a partition, and kB of all. Lanes hold what is needed; librdkafka's own 100,000 and 64 MB come on top. */
  'queued.min.messages': 10_000,
  'queued.max.messages.kbytes': 16_384,
} as const;

/** From the earliest: the core seeks forward where it wants the latest, so nothing is ever passed over. */
const CONSUMER_FORCED = {
  'auto.offset.reset': 'earliest',
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'enable.partition.eof': false,
} as const;

export function producerConfig(given: object): RdKafkaConfig {
  const theirs = theirPart(given);
  // Without idempotence, a second request under way could overtake one that is sent again.
  const oneByOne = String(theirs['enable.idempotence']) === 'false';
  return split({
    ...DEFAULTS,
    ...PRODUCER_DEFAULTS,
    ...(oneByOne && { 'max.in.flight.requests.per.connection': 1 }),
    ...theirs,
    ...FORCED,
    acks: 'all',
    dr_cb: true,
  });
}

const TRANSACTIONAL = {
  'transaction.timeout.ms': TRANSACTION_TIMEOUT,
  /** ms. Less than the transaction may take. */
  'message.timeout.ms': 5_000,
  /** ms. For as long as the brokers write a transaction's markers, the next one is sent back: 100 ms each time by default. */
  'retry.backoff.ms': 5,
  /**
   * ms. `sendOffsetsToTransaction` has no end of its own: where librdkafka waits for a group coordinator that has left the
   * cluster, it asks for the new one only when a connection comes or goes. So connections go as soon as they are idle,
   * which costs an idle producer a new one each time.
   */
  'connections.max.idle.ms': 3_000,
  'enable.idempotence': true,
} as const;

export function transactionalConfig(given: object, transactionalId: string): RdKafkaConfig {
  const { global, topic } = producerConfig({ ...given, ...TRANSACTIONAL });
  return { global: { ...global, 'transactional.id': transactionalId }, topic };
}

/** Of a producer that only asks. An idempotent one is of no use to whoever may not write. */
export function queryConfig(given: object): RdKafkaConfig {
  return split({
    ...DEFAULTS,
    ...PRODUCER_DEFAULTS,
    ...theirPart(given),
    ...FORCED,
    'enable.idempotence': false,
  });
}

/** @param client the consumer's own properties, over the given ones */
export function consumerConfig(
  given: object,
  groupId: string,
  client: object = {},
  transactional = false,
): RdKafkaConfig {
  return split({
    ...DEFAULTS,
    ...CONSUMER_DEFAULTS,
    ...theirPart({ ...given, ...client }),
    ...FORCED,
    ...CONSUMER_FORCED,
    // Copies of transactions that were undone are none; and only so the committed offset waits for those under way.
    ...(transactional && { 'isolation.level': 'read_committed' }),
    'group.id': groupId,
  });
}

export function adminConfig(given: object): RdKafkaProperties {
  return split({ ...theirPart(given), ...FORCED }).global;
}

/** How many brokers a client knows before it has reached one. */
export function bootstrapCount(global: RdKafkaProperties): number {
  const list = String(global['bootstrap.servers'] ?? global['metadata.broker.list'] ?? '');
  return list.split(',').filter((server) => server.trim() !== '').length;
}

/**
 * Lets librdkafka look at a configuration without connecting.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming a property that it does not know, or whose value it refuses
 */
export function checkConfig(library: RdKafka, given: object): void {
  if (bootstrapCount({ ...given }) === 0)
    throw invalid("'bootstrap.servers' is missing, as in 'kafka1:9092,kafka2:9092'");
  const producer = producerConfig(given);
  const consumer = consumerConfig(given, 'check');
  attempt(() => new library.Producer(producer.global, producer.topic));
  attempt(() => new library.KafkaConsumer(consumer.global, consumer.topic));
}

/** The same for the properties of one consumer. */
export function checkConsumerConfig(library: RdKafka, { global, topic }: RdKafkaConfig): void {
  attempt(() => new library.KafkaConsumer(global, topic));
}

function attempt(create: () => unknown): void {
  try {
    create();
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function invalid(reason: string, cause?: unknown): VeloError {
  const refused = new RdKafkaError(CODES.INVALID_ARG, reason, { cause });
  return new VeloError('VELO_INVALID_OPTION', `librdkafka refuses the configuration: ${reason}.`, {
    cause: refused,
  });
}

function theirPart(given: object): RdKafkaProperties {
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && !NOT_THEIRS.has(name)),
  );
}

function split(properties: RdKafkaProperties): RdKafkaConfig {
  const global: RdKafkaProperties = {};
  const topic: RdKafkaProperties = {};
  for (const [name, value] of Object.entries(properties)) {
    (TOPIC_PROPERTIES.has(name) ? topic : global)[name] = value;
  }
  return { global, topic };
}
