import type { KafkaHeaders } from '../binding/record.js';
import { MAX_GROUP, MAX_TOPIC } from './bounds.js';
import {
  bigEndian,
  bigInteger,
  inRange,
  int32,
  int64,
  offsetOf,
  partitionOf,
  text,
  timestampOf,
} from './header-values.js';
import type { HeaderProfile } from './profile.js';

/** On dead letters (DeadLetterPublishingRecoverer) and on retry topics (DeadLetterPublishingRecovererFactory). */
const DEAD_LETTER = 'kafka_dlt-';
const RETRY = 'kafka_';
/** The group has this name on retry topics, too (KafkaHeaders.ORIGINAL_CONSUMER_GROUP). */
const GROUP = 'kafka_dlt-original-consumer-group';
/** The number of the attempt to come. */
const ATTEMPTS = 'retry_topic-attempts';
const DUE = 'retry_topic-backoff-timestamp';
const FIRST_TIMESTAMP = 'retry_topic-original-timestamp';
/** More than that Spring takes for a first attempt (ATTEMPTS_HARD_CAP). */
const MAX_ATTEMPTS = 0x7fff;

/**
 * Spring Kafka's, as of 4.0, in Java's bytes: int32 and int64 big-endian, times on retry topics as
 * `BigInteger.toByteArray`. A record has no timestamp type in Node's clients: `CreateTime` is Kafka's default.
 */
export const springHeaders: HeaderProfile = {
  name: 'spring',
  binary: true,
  owns: (name) => /^(?:kafka_(?:dlt-|original-|exception-|key-exception-)|retry_topic-)/.test(name),
  write({ topic, partition, offset, timestamp, group, attempts, due, error }) {
    const prefix = due === undefined ? DEAD_LETTER : RETRY;
    return [
      [`${prefix}exception-fqcn`, error.name],
      [`${prefix}exception-cause-fqcn`, error.cause],
      [`${prefix}exception-message`, error.message],
      [`${prefix}exception-stacktrace`, error.stack],
      [`${prefix}original-topic`, topic],
      [`${prefix}original-partition`, int32(partition)],
      [`${prefix}original-offset`, int64(BigInt(offset))],
      [`${prefix}original-timestamp`, int64(BigInt(timestamp))],
      [`${prefix}original-timestamp-type`, timestamp < 0 ? 'NoTimestampType' : 'CreateTime'],
      [GROUP, group],
      ...(due === undefined
        ? []
        : ([
            [FIRST_TIMESTAMP, bigInteger(BigInt(timestamp))],
            [ATTEMPTS, int32(Math.min(attempts + 1, MAX_ATTEMPTS))],
            [DUE, bigInteger(BigInt(due))],
          ] as const)),
    ];
  },
  read(headers) {
    const prefix = prefixOf(headers);
    const original = (name: string) => headers.get(`${prefix}original-${name}`);
    const next = inRange(bigEndian(headers.get(ATTEMPTS)), 1, MAX_ATTEMPTS);
    return {
      topic: text(original('topic'), MAX_TOPIC),
      partition: partitionOf(bigEndian(original('partition'))),
      offset: offsetOf(bigEndian(original('offset'))),
      timestamp: timestampOf(bigEndian(original('timestamp'))),
      group: text(headers.get(GROUP), MAX_GROUP),
      attempts: next === undefined ? undefined : next - 1,
      due: inRange(bigEndian(headers.get(DUE)), 0, Number.MAX_SAFE_INTEGER),
    };
  },
  errorHeaders(headers) {
    const prefix = prefixOf(headers);
    return {
      name: `${prefix}exception-fqcn`,
      cause: `${prefix}exception-cause-fqcn`,
      message: `${prefix}exception-message`,
      stack: `${prefix}exception-stacktrace`,
    };
  },
};

/** Spring's dead letters that come from retry topics keep the names of those. */
function prefixOf(headers: KafkaHeaders): string {
  return headers.get(`${RETRY}original-topic`) === undefined ? DEAD_LETTER : RETRY;
}
