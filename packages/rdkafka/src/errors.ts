import { readProperty, readText } from '@velo/engine';
import {
  findKafkaErrorByText,
  foreignMessage,
  foreignText,
  type KafkaErrorCode,
  VeloError,
} from '@velo/retry-core';

/** As velo's errors name the client. */
export const CLIENT = 'node-rdkafka';

/** node-rdkafka's `codes`: what it reports where it has lost the code. */
const LOST = -1;

/** An error of node-rdkafka's with the code that it had for librdkafka. */
export class RdKafkaError extends Error {
  override readonly name: string = 'RdKafkaError';
  /** The same as `code`, as on node-rdkafka's own errors. */
  readonly errno: number;
  readonly origin: string = 'node-rdkafka';

  constructor(
    /** As in Kafka's table of error codes; librdkafka's own are below 0. */
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
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
} as const;

/** The code of an error; where node-rdkafka has lost it, by librdkafka's text. Never throws. */
export function codeOf(error: unknown): number | undefined {
  if (error === undefined || error === null) return undefined;
  const code = readProperty(error, 'code');
  if (typeof code === 'number' && code !== LOST) return code;
  return findKafkaErrorByText(readText(error, 'message'))?.code ?? LOST;
}

/** The same error, or one with the code put back that node-rdkafka has lost. Never throws. */
export function coded(error: unknown): unknown {
  const code = readProperty(error, 'code');
  if (code !== undefined && code !== LOST) return error;
  const message = readText(error, 'message');
  const row: KafkaErrorCode | undefined = findKafkaErrorByText(message);
  return row === undefined ? error : new RdKafkaError(row.code, message, { cause: error });
}

/** A configuration that no client can be made with. Its cause is an INVALID_ARG of librdkafka's: a person must mend it. */
export function refusedConfig(reason: string, cause?: unknown): VeloError {
  const refused = new RdKafkaError(CODES.INVALID_ARG, reason, { cause });
  return new VeloError(
    'VELO_INVALID_OPTION',
    `librdkafka refuses the configuration: ${foreignText(reason)}.`,
    {
      cause: refused,
    },
  );
}

/** The cause says whether another try may bring one. */
export function noToken(cause: unknown): VeloError {
  return new VeloError('VELO_CLIENT', `token() gave none for SASL/OAUTHBEARER: ${foreignMessage(cause)}`, {
    cause,
  });
}

export function unknownPartition(topic: string, partition: number): RdKafkaError {
  return new RdKafkaError(
    CODES.UNKNOWN_TOPIC_OR_PART,
    `Unknown topic or partition: "${topic}", ${partition}`,
  );
}

/** As a broker answers it. */
export function leaderMissing(topic: string, partition: number): RdKafkaError {
  return new RdKafkaError(
    CODES.LEADER_NOT_AVAILABLE,
    `Partition ${partition} of "${topic}" has no leader at present`,
  );
}

export function missingTopic(topic: string): RdKafkaError {
  return new RdKafkaError(CODES.UNKNOWN_TOPIC_OR_PART, `Unknown topic or partition: "${topic}"`);
}

/**
 * Why a record was not written. librdkafka says that it terminates also where only a partition has vanished, and the
 * queue of its records with it. No `cause`: an error is judged by the code at its root, and nothing ends here for good.
 */
export function undelivered(error: unknown): unknown {
  if (codeOf(error) !== CODES.DESTROY) return coded(error);
  return new RdKafkaError(
    CODES.UNKNOWN_TOPIC_OR_PART,
    `Unknown topic or partition: it has vanished (librdkafka: ${foreignMessage(error)})`,
  );
}

export function undone(): VeloError {
  return new VeloError('VELO_CLIENT', 'the transaction was undone because of a copy from another partition');
}
