import { KafkaCodeError, readProperty, readText } from '@velo/engine';
import { findKafkaErrorByText, type KafkaErrorCode } from '@velo/retry-core';

/** The code that the clients report where they have lost the real one: their `codes.ERRORS` name it unknown. */
const LOST = -1;

/**
 * An error with librdkafka's code, shaped like the clients' own errors: `isKafkaClientError` knows it by that shape.
 */
export class LibrdKafkaError extends KafkaCodeError {
  override readonly name = 'LibrdKafkaError';
  /** The same as `code`. */
  readonly errno: number;
  readonly origin = 'librdkafka';

  /** @param code as in Kafka's table of error codes; librdkafka's own are below 0 */
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.errno = code;
  }
}

/** librdkafka's codes, and those of Kafka's that velo has to find out by itself. */
export const CODES = {
  DESTROY: -197,
  TRANSPORT: -195,
  MSG_TIMED_OUT: -192,
  INVALID_ARG: -186,
  TIMED_OUT: -185,
  QUEUE_FULL: -184,
  ALL_BROKERS_DOWN: -187,
  UNKNOWN_PARTITION: -190,
  UNKNOWN_TOPIC: -188,
  SSL: -181,
  PREV_IN_PROGRESS: -177,
  ASSIGN_PARTITIONS: -175,
  STATE: -172,
  NOT_IMPLEMENTED: -170,
  AUTHENTICATION: -169,
  PURGE_QUEUE: -152,
  PURGE_INFLIGHT: -151,
  FATAL: -150,
  ASSIGNMENT_LOST: -142,
  UNKNOWN_SERVER_ERROR: -1,
  UNKNOWN_TOPIC_OR_PART: 3,
  LEADER_NOT_AVAILABLE: 5,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  TOPIC_AUTHORIZATION_FAILED: 29,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  CONCURRENT_TRANSACTIONS: 51,
  FENCED_INSTANCE_ID: 82,
  INVALID_RECORD: 87,
  UNSTABLE_OFFSET_COMMIT: 88,
  UNRELEASED_INSTANCE_ID: 111,
} as const;

/** The code of an error; where the client has lost it, by librdkafka's text. Never throws. */
export function codeOf(error: unknown): number | undefined {
  if (error === undefined || error === null) return undefined;
  const code = readProperty(error, 'code');
  if (typeof code === 'number' && code !== LOST) return code;
  return findKafkaErrorByText(readText(error, 'message'))?.code ?? LOST;
}

/** The same error, or one with the code put back that the client has lost. Never throws. */
export function coded(error: unknown): unknown {
  const code = readProperty(error, 'code');
  if (code !== undefined && code !== LOST) return error;
  const message = readText(error, 'message');
  const row: KafkaErrorCode | undefined = findKafkaErrorByText(message);
  return row === undefined ? error : new LibrdKafkaError(row.code, message, { cause: error });
}

/** No broker has answered in time, or no connection stands. */
export function isSilence(code: unknown): code is number {
  return code === CODES.TIMED_OUT || code === CODES.TRANSPORT || code === CODES.ALL_BROKERS_DOWN;
}
