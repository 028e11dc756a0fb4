import type { ErrorCategory } from '@velo/retry-core';
import {
  classifyKafkaError,
  isKafkaClientError,
  isProgramError,
  isVeloError,
  judge,
  messageOf,
  readText,
  watchRejection,
} from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';

/** A failed attempt, reduced to what decisions and headers need. */
export interface Failure {
  readonly error: unknown;
  /** The error's class. */
  readonly name: string;
  readonly message: string;
  /** What was running. */
  readonly stage: 'decode' | 'handler';
  readonly category: ErrorCategory;
  /** Kafka's, only if the error comes from a client. */
  readonly code: number | undefined;
  /** The same record would fail again. */
  readonly permanent: boolean;
  /** The least wait before the next attempt, ms. */
  readonly after: number;
}

/**
 * The facts of a thrown value, whatever it is. Never throws.
 *
 * Permanent, unless `classify` says otherwise: a failed decode, a PermanentError, an error of the program, a Kafka
 * error that puts the record at fault. A RetriableError never is, in `decode` either.
 */
export function failureOf(
  error: unknown,
  record: KafkaRecord,
  stage: 'decode' | 'handler',
  classify?: (error: unknown, record: KafkaRecord) => 'retry' | 'dead-letter' | undefined,
): Failure {
  // A promise can be thrown, too; if it is rejected, nobody else handles that.
  watchRejection(error);
  const verdict = isKafkaClientError(error) ? classifyKafkaError(error) : undefined;
  const { category, after } = judge(error);
  const asked = ask(classify, error, record);
  const permanent = asked
    ? asked === 'dead-letter'
    : !isVeloError(error, 'VELO_RETRIABLE') &&
      (stage === 'decode' ||
        isVeloError(error, 'VELO_PERMANENT') ||
        isProgramError(error) ||
        verdict?.action === 'dead-letter');
  return {
    error,
    name: readText(error, 'name') || typeof error,
    message: messageOf(error),
    stage,
    category,
    code: verdict?.code,
    permanent,
    after: permanent ? 0 : after,
  };
}

/** Whether velo has ended the attempt: the handler ran longer than its limit. */
export function isHandlerTimeout(error: unknown): boolean {
  return isVeloError(error, 'VELO_HANDLER_TIMEOUT');
}

function ask(
  classify: ((error: unknown, record: KafkaRecord) => 'retry' | 'dead-letter' | undefined) | undefined,
  error: unknown,
  record: KafkaRecord,
): 'retry' | 'dead-letter' | undefined {
  try {
    const answer: unknown = classify?.(error, record);
    return answer === 'retry' || answer === 'dead-letter' ? answer : undefined;
  } catch {
    return undefined;
  }
}
