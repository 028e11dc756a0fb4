import { VeloError } from '@velo/retry-core';
import type { TopicPartition } from './record.js';

/** Errors that bindings raise by themselves, in the same words whatever the client. */

/** An error with Kafka's code for what the client itself reports without that code, or not at all. */
export class KafkaCodeError extends Error {
  override readonly name: string = 'KafkaCodeError';

  constructor(
    /** As in Kafka's table of error codes. */
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function closed(): VeloError {
  return new VeloError(
    'VELO_CLOSED',
    'This connection to Kafka is closed, since its velo, consumer or producer was. What was acknowledged before stays; nothing else was read or written. Make a new one with createVelo().',
  );
}

/** For UNKNOWN_TOPIC_OR_PARTITION of what the client knows of a topic, in words. */
export function unknownTo(client: string, topic: string, partition: number): string {
  return `${client} knows no partition ${partition} of "${topic}". Nothing was read or written there, and nothing is lost: velo asks again. If it stays so, look whether the topic was deleted, or made again with fewer partitions.`;
}

/** For LEADER_NOT_AVAILABLE, in words. */
export function withoutLeader(topic: string, partition: number): string {
  return `Partition ${partition} of "${topic}" has no leader at present. Nothing was read or written there, and nothing is lost: velo asks again until it has one. If it stays so, look at the brokers that keep its replicas.`;
}

/** For a commit that was not made, even if the client reports none that failed. */
export function notCommitted(reason: string): VeloError {
  return new VeloError(
    'VELO_CLIENT',
    `Nothing was committed: ${reason}. No record is lost: what is not committed is committed later, or comes again. Nothing is to be done.`,
  );
}

/**
 * For partitions that the member has not fenced: no transaction is open, and nothing was written.
 *
 * @param of the partition, where each has transactions of its own
 */
export function notFenced(of?: TopicPartition): VeloError {
  const where = of === undefined ? '' : ` for partition ${of.partition} of "${of.topic}"`;
  return new VeloError(
    'VELO_CLIENT',
    `No transaction can begin${where} now: the member has none of its partitions for sure. Nothing was written, and nothing is lost: the copies wait for the next assignment. Nothing is to be done.`,
  );
}

/** For a call of the client that has not settled in time. */
class TooLateError extends VeloError {
  readonly #brand = true;

  /** Not by `instanceof`, which asks a value for its prototype: a proxy may throw at that. */
  static is(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

/**
 * @param client by its name
 * @param limit ms
 */
export function tooLate(client: string, call: string, limit: number): VeloError {
  return new TooLateError(
    'VELO_CLIENT',
    `${client} has not answered within ${limit} ms to: ${call}. Whether the brokers have done it is not known; nothing is lost, since velo counts on nothing that was not answered. If it happens again, look whether the brokers can be reached and answer others.`,
  );
}

export function isTooLate(error: unknown): boolean {
  return TooLateError.is(error);
}

/**
 * For a record that the client would fail on, or change. Its code is INVALID_RECORD: no broker would ever get the
 * record, so trying again is of no use.
 */
export function unwritableRecord(client: string, reason: string): KafkaCodeError {
  return new KafkaCodeError(
    87,
    `${client} cannot write this record: ${reason}. It was not sent; others are. Mend it where it is made.`,
  );
}

/** For FENCED_INSTANCE_ID, in words. @param instanceId `group.instance.id` */
export function instanceTaken(groupId: string, instanceId: string): string {
  return `another member has joined group "${groupId}" with the same group.instance.id, "${instanceId}". The brokers have put this one out for good; nothing is lost, the other one goes on from what was committed. Give each member a group.instance.id of its own, such as its pod's name, or none`;
}

/** For UNRELEASED_INSTANCE_ID, in words. @param instanceId `group.instance.id` */
export function instanceHeld(groupId: string, instanceId: string): string {
  return `another member of group "${groupId}" has the same group.instance.id, "${instanceId}". Nothing is lost: this one comes in once the id is free, for which a member that was killed takes its session timeout (group.consumer.session.timeout.ms of the brokers, 45 s by default). If the other one lives, give each member a group.instance.id of its own, such as its pod's name, or none`;
}

/** UNSUPPORTED_VERSION: the brokers would keep the record without its headers, and no later send would help. */
export function withoutHeaders(client: string, topic: string): KafkaCodeError {
  return new KafkaCodeError(
    35,
    `The brokers keep the records of "${topic}" in a format of before Kafka 0.11, without headers, so ${client} cannot write one that has some. Without them a copy would not know where it comes from. Use Kafka 0.11 or newer, and no older log.message.format.version.`,
  );
}

/**
 * A key or a value in a form that a client takes. @throws what `unwritableRecord` makes, for a value of another type,
 * which JavaScript lets pass
 */
export function writablePart(
  client: string,
  part: Buffer | string | null | undefined,
  what: 'key' | 'value',
): Buffer | string | null {
  if (part === null || part === undefined) return null;
  if (typeof part === 'string' || isBuffer(part)) return part;
  throw unwritableRecord(client, `its ${what} is neither bytes nor text nor null`);
}

/** A value is asked for its prototype: a proxy may throw at that. */
function isBuffer(value: unknown): value is Buffer {
  try {
    return Buffer.isBuffer(value);
  } catch {
    return false;
  }
}
