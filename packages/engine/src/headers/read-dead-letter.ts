import { printable, printableLines, printed } from '@velo/retry-core';
import { topicNameFault } from '../binding/legal-topic-name.js';
import type { KafkaHeaders, KafkaRecord } from '../binding/record.js';
import type { DeadLetterReason } from '../failures/decide.js';
import { MAX_CLASS } from './bounds.js';
import { beginning, decimal, type HeaderValue, inRange, text } from './header-values.js';
import { type DeadLetterHeaders, type ErrorHeaders, MAX_ATTEMPTS } from './profile.js';
import { headerProfiles } from './profiles.js';

/**
 * What a dead letter says of its record and of its end, in the words of whoever has written last. What it does not say,
 * or says brokenly, is `undefined`.
 */
export interface DeadLetterInfo {
  readonly profile: DeadLetterHeaders;
  /** Where the record was when its last writer met it first: of a dead letter of dead letters, the topic of those. */
  readonly topic: string;
  readonly partition: number | undefined;
  readonly offset: string | undefined;
  /** ms since 1970; -1 if the record had none. Connect's dead letters have their record's own, those of brokers none. */
  readonly timestamp: number | undefined;
  /** The group that gave it up; of Connect's, the connector. Control characters are told as `\u{1b}`. */
  readonly group: string | undefined;
  /** Attempts in all topics. */
  readonly attempts: number | undefined;
  /** Only velo tells it, whatever the profile, and the brokers of KIP-1191. */
  readonly reason: DeadLetterReason | undefined;
  /** The last one. Untrusted text: bounded, without control characters, all but the stack in one line. */
  readonly error: DeadLetterError;
}

export interface DeadLetterError {
  /** The class. */
  readonly name: string | undefined;
  /** The class of the cause. */
  readonly cause: string | undefined;
  readonly message: string | undefined;
  readonly stack: string | undefined;
}

/** Limits on what others have written, in bytes: Java's traces are long. */
const MAX_MESSAGE_READ = 8 * 1024;
const MAX_STACK_READ = 64 * 1024;

/** The header that tells a profile. */
const MARKERS: ReadonlyMap<string, DeadLetterHeaders> = /* @__PURE__ */ new Map([
  ['velo-original-topic', 'velo'],
  ['kafka_dlt-original-topic', 'spring'],
  ['kafka_original-topic', 'spring'],
  ['retry_topic-attempts', 'spring'],
  ['__connect.errors.topic', 'connect'],
  ['__dlq.errors.topic', 'kip1191'],
]);

/** What the brokers of KIP-1191 write (ShareGroupDLQManager), and what it means. */
const KIP1191_REASONS: ReadonlyMap<string, DeadLetterReason> = /* @__PURE__ */ new Map([
  ['Offset rejected by client.', 'permanent'],
  ['Offset delivery count exceeded the threshold.', 'exhausted'],
]);

/**
 * Reads a dead letter that was written by velo, Spring Kafka, Kafka Connect or a broker (KIP-1191); `undefined` if it is
 * none. Where a record has been a dead letter more than once, whoever has written last is believed: copies put their
 * headers at the end. Total, whatever the headers hold; the texts are bounded, but still what a stranger may have written.
 */
export function readDeadLetter(record: KafkaRecord): DeadLetterInfo | undefined {
  let profile: DeadLetterHeaders | undefined;
  let reason: DeadLetterReason | undefined;
  let ownAttempts: number | undefined;
  for (const [name, value] of record.headers) {
    const marked = MARKERS.get(name);
    if (marked !== undefined) {
      profile = marked;
      reason = undefined;
      ownAttempts = undefined;
    } else if (name === 'velo-reason') reason = reasonOf(value);
    else if (name === 'velo-attempt') ownAttempts = inRange(decimal(value), 0, MAX_ATTEMPTS);
  }
  if (profile === undefined) return undefined;
  const { read, errorHeaders } = headerProfiles[profile];
  const { topic, partition, offset, timestamp, group, attempts } = read(record.headers);
  if (topic === undefined || topicNameFault(topic) !== undefined) return undefined;
  const error = readError(record.headers, errorHeaders(record.headers));
  return {
    profile,
    topic,
    partition,
    offset,
    timestamp: profile === 'connect' && ownAttempts === undefined ? record.timestamp : timestamp,
    group: group === undefined ? undefined : printed(group),
    attempts: attempts ?? ownAttempts,
    reason: reason ?? (profile === 'kip1191' ? KIP1191_REASONS.get(error.message ?? '') : undefined),
    error,
  };
}

function readError(headers: KafkaHeaders, names: ErrorHeaders): DeadLetterError {
  const start = (name: string | undefined, limit: number) =>
    name === undefined ? undefined : beginning(headers.get(name), limit);
  const line = (name: string | undefined, limit: number) => {
    const found = start(name, limit);
    return found === undefined ? undefined : printable(found, limit);
  };
  const lines = (name: string | undefined, limit: number) => {
    const found = start(name, limit);
    return found === undefined ? undefined : printableLines(found);
  };
  return {
    name: line(names.name, MAX_CLASS),
    cause: line(names.cause, MAX_CLASS),
    message: line(names.message, MAX_MESSAGE_READ),
    stack: lines(names.stack, MAX_STACK_READ),
  };
}

function reasonOf(value: HeaderValue): DeadLetterReason | undefined {
  const reason = text(value, 16);
  return reason === 'permanent' || reason === 'exhausted' || reason === 'refused' ? reason : undefined;
}
