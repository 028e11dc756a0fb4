import type { Properties } from './properties.js';

/**
 * What velo sets where the user has set nothing. librdkafka refuses properties that do not fit each other, and knows no
 * defaults of velo's: so each of them gives way to what the user has set.
 */

/** ms. At librdkafka's own 10 s, clients come back late after an outage. */
const RECONNECT_BACKOFF_MAX = 1_000;
/** ms. A batch comes from velo in one go, so there is little to wait for. */
const LINGER = 1;
/** ms. After that the engine tries again, and says so. */
const MESSAGE_TIMEOUT = 10_000;
/** Bytes. How large a record may be is the brokers' affair. */
const MESSAGE_MAX_BYTES = 100_000_000;
/** ms. How long a topic may be missing before its records are refused. */
const PROPAGATION_MAX = 2_000;
/** ms. A dead member holds its partitions for so long. */
const SESSION_TIMEOUT = 10_000;
/** ms. A member hears of a rebalance with its heartbeat. */
const HEARTBEAT_INTERVAL = 1_000;
/** Of requests under way, as librdkafka has it for an idempotent producer. */
const IDEMPOTENT_MAX_IN_FLIGHT = 5;

/** All further ones are of consumers, and fit whatever a user sets. */
const READING = {
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

export function adminDefaults(theirs: Properties): Properties {
  return {
    'reconnect.backoff.max.ms': Math.max(
      RECONNECT_BACKOFF_MAX,
      numberOf(theirs, 'reconnect.backoff.ms') ?? 0,
    ),
  };
}

export function producerDefaults(theirs: Properties): Properties {
  const linger = numberOf(theirs, 'linger.ms') ?? LINGER;
  const idempotent = theirs['enable.idempotence'] ?? allowsIdempotence(theirs);
  return {
    ...adminDefaults(theirs),
    // With idempotence, librdkafka's own retries neither double nor reorder records.
    'enable.idempotence': idempotent,
    'linger.ms': LINGER,
    'message.timeout.ms': linger < MESSAGE_TIMEOUT ? MESSAGE_TIMEOUT : Math.ceil(linger) + MESSAGE_TIMEOUT,
    'message.max.bytes': MESSAGE_MAX_BYTES,
    'topic.metadata.propagation.max.ms': PROPAGATION_MAX,
    // Without idempotence, a second request under way could overtake one that is sent again.
    ...(String(idempotent) === 'false' && { 'max.in.flight.requests.per.connection': 1 }),
  };
}

export function consumerDefaults(theirs: Properties): Properties {
  return { ...adminDefaults(theirs), ...READING, ...(isBrokerLed(theirs) ? {} : membershipDefaults(theirs)) };
}

function membershipDefaults(theirs: Properties): Properties {
  const session = Math.min(SESSION_TIMEOUT, numberOf(theirs, 'max.poll.interval.ms') ?? SESSION_TIMEOUT);
  const third = Math.floor((numberOf(theirs, 'session.timeout.ms') ?? session) / 3);
  return {
    'session.timeout.ms': session,
    'heartbeat.interval.ms': Math.max(1, Math.min(HEARTBEAT_INTERVAL, third)),
  };
}

/** KIP-848: the brokers assign, and have these settings on their side. */
function isBrokerLed(theirs: Properties): boolean {
  return String(theirs['group.protocol']).toLowerCase() === 'consumer';
}

function allowsIdempotence(theirs: Properties): boolean {
  const inFlight = numberOf(theirs, 'max.in.flight.requests.per.connection') ?? 1;
  const backpressure = numberOf(theirs, 'queue.buffering.backpressure.threshold') ?? 1;
  return (
    inFlight <= IDEMPOTENT_MAX_IN_FLIGHT &&
    backpressure <= 1 &&
    numberOf(theirs, 'retries') !== 0 &&
    String(theirs['queuing.strategy'] ?? 'fifo').toLowerCase() === 'fifo'
  );
}

/** `undefined` also for what librdkafka will refuse. */
function numberOf(theirs: Properties, name: string): number | undefined {
  const number = Number(theirs[name] ?? Number.NaN);
  return Number.isNaN(number) ? undefined : number;
}
