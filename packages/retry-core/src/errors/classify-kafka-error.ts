import type { ErrorCategory } from '../error-category.js';
import { findKafkaError } from './find-kafka-error.js';
import { isRetryAction, type RecoveryAction } from './recovery-action.js';
import { findRootCause } from './root-cause.js';
import { actionFor } from './verdict.js';

export interface KafkaErrorVerdict {
  /** Kafka's number, where the error has one; a number newer than the table as well. */
  readonly code?: number;
  /** The code's name in the table. */
  readonly name?: string;
  readonly category: ErrorCategory;
  /** Whether repeating the same call on the same client may succeed. */
  readonly retry: boolean;
  readonly action: RecoveryAction;
}

/**
 * The one verdict on an error that is known to come from Kafka: by the action of its code, else by its category. Not by
 * Apache's `retriable` flag, which speaks of one request inside the Java client, nor by what the client wrote on its
 * outermost error. Takes any value and never throws.
 */
export function classifyKafkaError(error: unknown): KafkaErrorVerdict {
  const evidence = findRootCause(error);
  const action = actionFor(evidence);
  const name = evidence.code === undefined ? undefined : findKafkaError(evidence.code)?.name;
  return {
    ...(evidence.code === undefined ? undefined : { code: evidence.code }),
    ...(name === undefined ? undefined : { name }),
    category: evidence.category,
    retry: isRetryAction(action),
    action,
  };
}
