import type { ErrorCategory } from '../error-category.js';
import { categorizeErrorMessage } from '../errors/categorize-error-message.js';
import { classifyKafkaError } from '../errors/classify-kafka-error.js';
import { categoryOfTextCode } from '../errors/client-classes.js';
import { isKafkaClientError } from '../errors/is-kafka-client-error.js';
import { readProperty, readText } from '../errors/safe-read.js';
import { isProgramError } from '../program-error.js';
import { isVeloError, messageOf, type RetriesExhaustedError, type VeloErrorCode } from '../velo-error.js';

/** What a failure means to a retrier that was told nothing else. */
export interface Judgement {
  readonly category: ErrorCategory;
  /** Worth another attempt. */
  readonly retry: boolean;
  /** The least time to wait before it, in milliseconds. */
  readonly after: number;
}

/** velo's own errors that another attempt does not help. */
const FINAL_CODES: readonly VeloErrorCode[] = [
  'VELO_PERMANENT',
  'VELO_INVALID_OPTION',
  'VELO_NOT_SUPPORTED',
  'VELO_CLOSED',
  'VELO_ABORTED',
  'VELO_BUDGET_EXHAUSTED',
  'VELO_CONSUMER_DEAD',
  'VELO_TOPOLOGY',
  'VELO_PUBLISH_REFUSED',
];

/**
 * Judges anything that was thrown. Never throws.
 * - velo's errors by their code; `RetriableError` and `CircuitOpenError` say how long to wait
 * - errors of a Kafka client by `classifyKafkaError`
 * - all others are retried, but for `AbortError` and errors of the program; their category comes from a text code
 *   (`ECONNRESET`) or their message, because a number in `code` need not be Kafka's
 */
export function judge(error: unknown): Judgement {
  try {
    if (isVeloError(error)) {
      if (error.code !== 'VELO_CLIENT') return judgeOwn(error as RetriesExhaustedError & { after?: number });
    } else if (!isKafkaClientError(error)) {
      const retry = readText(error, 'name') !== 'AbortError' && !isProgramError(error);
      // `fetch` says what happened in its error's cause.
      const code = readText(error, 'code') || readText(readProperty(error, 'cause'), 'code');
      const category = code === '' ? undefined : categoryOfTextCode(code);
      return { category: category ?? categorizeErrorMessage(messageOf(error)), retry, after: 0 };
    }
    const { category, retry } = classifyKafkaError(error);
    return { category, retry, after: 0 };
  } catch {
    return { category: 'Unknown', retry: true, after: 0 }; // a getter or a proxy that throws
  }
}

function judgeOwn({ code, category, after, cause }: RetriesExhaustedError & { after?: number }): Judgement {
  return {
    category: category ?? categoryOf(code, cause),
    retry: !FINAL_CODES.includes(code),
    after: typeof after === 'number' && after > 0 && after <= Number.MAX_SAFE_INTEGER ? after : 0,
  };
}

function categoryOf(code: VeloErrorCode, cause: unknown): ErrorCategory {
  switch (code) {
    case 'VELO_TOPIC_MISSING':
      return 'TopicMissing';
    case 'VELO_TIMEOUT':
    case 'VELO_HANDLER_TIMEOUT':
    case 'VELO_CIRCUIT_OPEN':
      return 'NetworkIssue';
    case 'VELO_INVALID_OPTION':
      return 'ConfigurationIssue';
    default:
      return cause === undefined || isVeloError(cause) ? 'Unknown' : judge(cause).category;
  }
}
