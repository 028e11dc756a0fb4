import type { KafkaHeaders } from '../binding/record.js';
import { MAX_GROUP, MAX_TOPIC } from './bounds.js';
import {
  bigEndian,
  bigInteger,
  inRange,
  int32,
  int64,
  lastOf,
  offsetOf,
  partitionOf,
  text,
  timestampOf,
} from './header-values.js';
import type { CopyFacts, HeaderProfile } from './profile.js';

/** Of a plain DeadLetterPublishingRecoverer. */
const DEAD_LETTER = 'kafka_dlt-';
/** On retry topics and in the dead letters that come from them (DeadLetterPublishingRecovererFactory). */
const RETRY = 'kafka_';
/** The group has this name on retry topics, too (KafkaHeaders.ORIGINAL_CONSUMER_GROUP). */
const GROUP = 'kafka_dlt-original-consumer-group';
/** The number of the attempt to come, in dead letters too. Spring adds it anew at each hop: the last one counts. */
const ATTEMPTS = 'retry_topic-attempts';
const DUE = 'retry_topic-backoff-timestamp';
const FIRST_TIMESTAMP = 'retry_topic-original-timestamp';
/** Whose prefix a header tells. Retry topics keep the first original, but each hop counts its attempt. */
const PREFIXES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  [`${DEAD_LETTER}original-topic`, DEAD_LETTER],
  [`${RETRY}original-topic`, RETRY],
  [ATTEMPTS, RETRY],
]);
/** More than that Spring takes for a first attempt (ATTEMPTS_HARD_CAP). */
const MAX_ATTEMPTS = 0x7fff;

/**
 * Spring Kafka's, as of 4.1, in Java's bytes: int32 and int64 big-endian, times on retry topics as
 * `BigInteger.toByteArray`. A record has no timestamp type in Node's clients: `CreateTime` is Kafka's default. Dead
 * letters are as of a plain recoverer.
 */
export const springHeaders: HeaderProfile = {
  name: 'spring',
  binary: true,
  owns: (name) => /^(?:kafka_(?:dlt-|original-|exception-|key-exception-)|retry_topic-)/.test(name),
  write: (copy) => (copy.due === undefined ? written(DEAD_LETTER, copy) : ofRetryTopics(copy)),
  read(headers) {
    const prefix = prefixOf(headers);
    const retried = prefix === RETRY;
    const original = (name: string) => headers.get(`${prefix}original-${name}`);
    const next = retried ? inRange(bigEndian(headers.get(ATTEMPTS)), 1, MAX_ATTEMPTS) : undefined;
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
    // Of a key that could not be deserialized; the class of the cause has its usual name.
    const key = `${prefix}key-exception-`;
    const value = `${prefix}exception-`;
    const last = lastOf(headers, (name) =>
      name === `${key}fqcn` || name === `${value}fqcn` ? name : undefined,
    );
    const error = last === `${key}fqcn` ? key : value;
    return {
      name: `${error}fqcn`,
      cause: `${value}cause-fqcn`,
      message: `${error}message`,
      stack: `${error}stacktrace`,
    };
  },
};

/** Under Spring's names of topics: a dead letter is what its retry topics' own would be, so that their handlers take it. */
export const springRetryTopicHeaders: HeaderProfile = { ...springHeaders, write: ofRetryTopics };

/** Of a copy on a retry topic: where its record comes from, and where its retries stand. */
export function springStateHeaders(copy: StateFacts): ReturnType<HeaderProfile['write']> {
  return [...originOf(RETRY, copy), ...retriesOf(copy)];
}

type StateFacts = Omit<CopyFacts, 'error' | 'reason'>;

function written(prefix: string, copy: CopyFacts) {
  const { error } = copy;
  return [
    [`${prefix}exception-fqcn`, error.name],
    [`${prefix}exception-cause-fqcn`, error.cause],
    [`${prefix}exception-message`, error.message],
    [`${prefix}exception-stacktrace`, error.stack],
    ...originOf(prefix, copy),
  ] as const;
}

function originOf(prefix: string, { topic, partition, offset, timestamp, group }: StateFacts) {
  return [
    [`${prefix}original-topic`, topic],
    [`${prefix}original-partition`, int32(partition)],
    [`${prefix}original-offset`, int64(BigInt(offset))],
    [`${prefix}original-timestamp`, int64(BigInt(timestamp))],
    [`${prefix}original-timestamp-type`, timestamp === -1 ? 'NoTimestampType' : 'CreateTime'],
    [GROUP, group],
  ] as const;
}

function ofRetryTopics(copy: CopyFacts) {
  return [...written(RETRY, copy), ...retriesOf(copy)] as const;
}

function retriesOf({ timestamp, attempts, due, at }: StateFacts) {
  return [
    [FIRST_TIMESTAMP, bigInteger(BigInt(timestamp))],
    [ATTEMPTS, int32(Math.min(attempts + 1, MAX_ATTEMPTS))],
    [DUE, bigInteger(BigInt(due ?? at))],
  ] as const;
}

/** Of whoever has written last: a plain recoverer may have come after retry topics, or before them. */
function prefixOf(headers: KafkaHeaders): string {
  return lastOf(headers, (name) => PREFIXES.get(name)) ?? DEAD_LETTER;
}
