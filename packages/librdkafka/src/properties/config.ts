import { MAX_GZIP_RECORD_BYTES, TRANSACTION_TIMEOUT } from '@velo/engine';
import { adminDefaults, consumerDefaults, producerDefaults } from './defaults.js';
import type { Properties } from './properties.js';

/** What the clients take as their two arguments. */
export interface ClientConfig {
  readonly global: Properties;
  readonly topic: Properties;
}

/** Properties of topics alone (CONFIGURATION.md of librdkafka): among the global ones, clients drop them silently. */
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

/** Properties that users cannot set: velo listens to these callbacks itself, or depends on what they would change. */
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
  // The clients' producers take these as where to produce to.
  'topic',
  'partition',
]);

/** Other names of properties that velo sets or reads. */
const ALIASES: Readonly<Record<string, string>> = {
  'metadata.broker.list': 'bootstrap.servers',
  'queue.buffering.max.ms': 'linger.ms',
  'delivery.timeout.ms': 'message.timeout.ms',
  'max.in.flight': 'max.in.flight.requests.per.connection',
  'message.send.max.retries': 'retries',
  'compression.type': 'compression.codec',
  'sasl.mechanism': 'sasl.mechanisms',
};

/** The context in which librdkafka tells the ids of topics; some two lines a second. */
const TOPIC_IDS = 'topic';

/** Refused credentials and reset positions stand in librdkafka's log alone, so velo reads it. Nothing is printed. */
const FORCED = { log_level: 6, 'allow.auto.create.topics': false } as const;

/**
 * A partition without a committed offset begins at the earliest record. The engine seeks forward where it wants the
 * latest, so nothing is ever passed over.
 */
const CONSUMER_FORCED = {
  'auto.offset.reset': 'earliest',
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'enable.partition.eof': false,
} as const;

export function producerConfig(given: object): ClientConfig {
  const theirs = theirPart(given);
  const wanted = { ...producerDefaults(theirs), ...theirs };
  return split({ ...wanted, ...FORCED, ...toldFormats(wanted), acks: 'all', dr_cb: true });
}

/** Lets `OldBrokers` hear of brokers whose records have no headers; an idempotent producer refuses them by itself. */
function toldFormats({ 'enable.idempotence': idempotent, debug }: Properties): Properties {
  return String(idempotent) === 'false' ? toldAlso('feature', debug) : {};
}

/** What librdkafka tells in its log by this context, beside what the user has asked for. */
function toldAlso(context: string, debug: unknown): Properties {
  return { debug: debug ? `${debug},${context}` : context };
}

/** The configuration of a producer whose records may be too large for a request until they are compressed. */
export function gzipConfig(given: object): ClientConfig {
  const theirs = theirPart(given);
  const timeout = Math.max(GZIP_TIMEOUT, Number(theirs['message.timeout.ms']) || 0);
  return producerConfig({ ...theirs, ...GZIP, 'message.timeout.ms': timeout });
}

/** ms. Compressing takes seconds, and a record that is written after its time-out would be written twice. */
const GZIP_TIMEOUT = 60_000;
const GZIP = { 'compression.codec': 'gzip', 'message.max.bytes': MAX_GZIP_RECORD_BYTES } as const;

const TRANSACTIONAL = {
  'transaction.timeout.ms': TRANSACTION_TIMEOUT,
  /** ms. Less than the transaction may take. */
  'message.timeout.ms': 5_000,
  /** ms. Copies of a transaction come in one go. */
  'linger.ms': 1,
  /**
   * ms. While the brokers write a transaction's markers, they send the next transaction back; librdkafka's own pause
   * is 100 ms each time.
   */
  'retry.backoff.ms': 5,
  /**
   * ms. `sendOffsetsToTransaction` has no end of its own: where librdkafka waits for a group coordinator that has left the
   * cluster, it asks for the new one only when a connection comes or goes. So connections go as soon as they are idle,
   * which costs an idle producer a new one each time.
   */
  'connections.max.idle.ms': 3_000,
  'enable.idempotence': true,
} as const;

/** @param gzip whether all of the producer's records go in gzip: librdkafka knows no compression of single records */
export function transactionalConfig(given: object, transactionalId: string, gzip: boolean): ClientConfig {
  const theirs = { ...theirPart(given), ...(gzip && GZIP) };
  const { global, topic } = producerConfig({ ...theirs, ...TRANSACTIONAL, ...shortSockets(theirs) });
  return { global: { ...global, 'transactional.id': transactionalId }, topic };
}

/** librdkafka refuses a request that may outlive its transaction. */
function shortSockets(theirs: Properties): Properties {
  const timeout = Number(theirs['socket.timeout.ms']);
  return timeout > TRANSACTION_TIMEOUT ? { 'socket.timeout.ms': TRANSACTION_TIMEOUT } : {};
}

/**
 * The configuration of a producer that only asks. It is not idempotent: a user who may not write could not have such
 * a one.
 */
export function queryConfig(given: object): ClientConfig {
  const { 'enable.gapless.guarantee': _, ...theirs } = theirPart(given);
  const told = toldAlso(TOPIC_IDS, theirs.debug);
  return split({ ...producerDefaults(theirs), ...theirs, ...FORCED, ...told, 'enable.idempotence': false });
}

/**
 * @param client the consumer's own properties, over the given ones
 * @param tellsEnds it tells when it has read to the end of a partition
 */
export function consumerConfig(
  given: object,
  groupId: string,
  client: object = {},
  transactional = false,
  tellsEnds = false,
): ClientConfig {
  const theirs = { ...theirPart(given), ...theirPart(client) };
  return split({
    ...consumerDefaults(theirs),
    ...theirs,
    ...FORCED,
    ...CONSUMER_FORCED,
    ...toldAlso(TOPIC_IDS, theirs.debug),
    // Copies of aborted transactions are not read; and only so, the question for the committed offset waits for open
    // transactions.
    ...(transactional && { 'isolation.level': 'read_committed' }),
    ...(tellsEnds && { 'enable.partition.eof': true }),
    'group.id': groupId,
  });
}

export function adminConfig(given: object): Properties {
  const { 'enable.gapless.guarantee': _, ...theirs } = theirPart(given);
  return split({ ...adminDefaults(theirs), ...theirs, ...FORCED, 'enable.idempotence': false }).global;
}

/** How many brokers a client knows before it has reached one. */
export function bootstrapCount(global: Properties): number {
  const list = String(global['bootstrap.servers'] ?? '');
  return list.split(',').filter((server) => server.trim() !== '').length;
}

/**
 * What a user has given and may give, under one name where librdkafka has two, so that what stands later is what counts.
 */
export function theirPart(given: object): Properties {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([name, value]) => value !== undefined && !NOT_THEIRS.has(name))
      .map(([name, value]) => [ALIASES[name] ?? name, value]),
  );
}

function split(properties: Properties): ClientConfig {
  const global: Properties = {};
  const topic: Properties = {};
  for (const [name, value] of Object.entries(properties)) {
    (TOPIC_PROPERTIES.has(name) ? topic : global)[name] = value;
  }
  return { global, topic };
}
