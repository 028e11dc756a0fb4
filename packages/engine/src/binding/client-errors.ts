import { VeloError } from '@velo/retry-core';
import type { TopicPartition } from './record.js';

/** What bindings say by themselves, in the same words whatever the client. */

/** A code of Kafka's that no error of the client's stands for, so that velo must find it out by itself. */
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
  return new VeloError('VELO_CLOSED', 'the connection to Kafka is closed');
}

/** A commit that was not made, whatever the client says of it. */
export function notCommitted(reason: string): VeloError {
  return new VeloError('VELO_CLIENT', `nothing was committed: ${reason}`);
}

/**
 * Nothing is open, and nothing was written.
 *
 * @param of the partition, where each has transactions of its own
 */
export function notFenced(of?: TopicPartition): VeloError {
  const where = of === undefined ? '' : ` for partition ${of.partition} of "${of.topic}"`;
  return new VeloError(
    'VELO_CLIENT',
    `no transaction can begin${where} now: the member has none of its partitions for sure`,
  );
}

/** A call of a client's that does not come back. */
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
  return new TooLateError('VELO_CLIENT', `${client} has not answered within ${limit} ms to: ${call}`);
}

export function isTooLate(error: unknown): boolean {
  return TooLateError.is(error);
}

/** What the client would fail on, or spoil. INVALID_RECORD: no broker will ever get it. */
export function unwritableRecord(client: string, reason: string): KafkaCodeError {
  return new KafkaCodeError(87, `${client} cannot write this record: ${reason}`);
}

/** A key or a value as a client can take it. @throws what `unwritableRecord` makes, for what JavaScript may pass else */
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
