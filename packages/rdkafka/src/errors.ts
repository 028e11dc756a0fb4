import { findKafkaErrorByText, type KafkaErrorCode, VeloError } from '@velo/retry-core';

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
  TRANSPORT: -195,
  INVALID_ARG: -186,
  TIMED_OUT: -185,
  QUEUE_FULL: -184,
  ALL_BROKERS_DOWN: -187,
  UNKNOWN_PARTITION: -190,
  UNKNOWN_TOPIC: -188,
  SSL: -181,
  PREV_IN_PROGRESS: -177,
  ASSIGN_PARTITIONS: -175,
  REVOKE_PARTITIONS: -174,
  STATE: -172,
  AUTHENTICATION: -169,
  FATAL: -150,
  MAX_POLL_EXCEEDED: -147,
  UNKNOWN_TOPIC_OR_PART: 3,
  LEADER_NOT_AVAILABLE: 5,
  TOPIC_AUTHORIZATION_FAILED: 29,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_RECORD: 87,
} as const;

/** The code of an error; where node-rdkafka has lost it, by librdkafka's text. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'number' ? error.code : LOST;
  return code === LOST ? (findKafkaErrorByText(error.message)?.code ?? LOST) : code;
}

/** The same error, or one with the code put back that node-rdkafka has lost. */
export function coded(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ('code' in error && error.code !== LOST) return error;
  const row: KafkaErrorCode | undefined = findKafkaErrorByText(error.message);
  return row === undefined ? error : new RdKafkaError(row.code, error.message, { cause: error });
}

export function unknownPartition(topic: string, partition: number): RdKafkaError {
  return new RdKafkaError(
    CODES.UNKNOWN_TOPIC_OR_PART,
    `Unknown topic or partition: "${topic}", ${partition}`,
  );
}

export function missingTopic(topic: string): RdKafkaError {
  return new RdKafkaError(CODES.UNKNOWN_TOPIC_OR_PART, `Unknown topic or partition: "${topic}"`);
}

/** What node-rdkafka would fail on, or spoil. INVALID_RECORD: no broker will ever get it. */
export function unwritableRecord(reason: string): RdKafkaError {
  return new RdKafkaError(CODES.INVALID_RECORD, `node-rdkafka cannot write this record: ${reason}`);
}

export function closed(): VeloError {
  return new VeloError('VELO_CLOSED', 'the connection to Kafka is closed');
}

export function notCommitted(reason: string): VeloError {
  return new VeloError('VELO_CLIENT', `nothing was committed: ${reason}`);
}
