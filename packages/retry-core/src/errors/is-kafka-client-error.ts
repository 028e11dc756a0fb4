import { isOfKafkaClient } from './client-classes.js';
import { findRootCause } from './root-cause.js';
import { isObject, readArray, readProperty } from './safe-read.js';

/** Errors looked at: a wrapper or two, or the parts of an aggregate. */
const MAX_ERRORS = 32;

/**
 * Whether an error was made by a Kafka client (kafkajs, node-rdkafka and its relatives, @platformatic/kafka), so that its
 * numbers are Kafka's: a gRPC error with code 10 is no MESSAGE_TOO_LARGE. The error itself may be an application's that
 * has the client's as its cause; but where the number that `classifyKafkaError` would go by comes from another library's
 * error inside, the answer is no. Never throws.
 */
export function isKafkaClientError(error: unknown): boolean {
  const { source, fromCode } = findRootCause(error);
  if (fromCode && isObject(source) && !isOfKafkaClient(source)) return false;
  return someError(error, new Set());
}

function someError(error: unknown, visited: Set<unknown>): boolean {
  if (!isObject(error) || visited.has(error) || visited.size >= MAX_ERRORS) return false;
  visited.add(error);
  if (isOfKafkaClient(error)) return true;
  return [readProperty(error, 'cause'), ...readArray(error, 'errors', MAX_ERRORS)].some((each) =>
    someError(each, visited),
  );
}
