import { classifyKafkaError } from '../errors/classify-kafka-error.js';
import type { ErrorCategory } from '../errors/category.js';
import { isKafkaClientError } from '../errors/is-kafka-client-error.js';
import { isVeloError } from '../velo-error.js';
import type { KafkaRecord } from './record.js';

/** A failed try, reduced to what decisions and headers need. */
export interface Failure {
  readonly error: unknown;
  /** The error's class. */
  readonly name: string;
  readonly message: string;
  readonly category: ErrorCategory;
  /** Kafka's, only if the error comes from a client. */
  readonly code: number | undefined;
  /** The same record would fail again. */
  readonly permanent: boolean;
  /** The handler asked to wait at least so long, ms. */
  readonly after: number | undefined;
}

/** A programming error over the record's content: the same bytes fail again. */
const PERMANENT_CLASSES = new Set(['SyntaxError', 'ReferenceError', 'RangeError']);

/**
 * The facts of a thrown value, whatever it is. Total: a hostile getter is an answer, too.
 *
 * Permanent, unless `classify` says otherwise: a failed decode, a PermanentError, a programming error over the
 * record's content, a Kafka error that puts the record at fault. A RetriableError never is, in `decode` either.
 */
export function failureOf(
  error: unknown,
  record: KafkaRecord,
  stage: 'decode' | 'handler',
  classify?: (error: unknown, record: KafkaRecord) => 'retry' | 'dead-letter' | undefined,
): Failure {
  const verdict = isKafkaClientError(error) ? classifyKafkaError(error) : undefined;
  const name = read(error, 'name') ?? typeof error;
  const message = read(error, 'message') ?? show(error);
  const asked = attempt(() => classify?.(error, record));
  const retriable = attempt(() => isVeloError(error, 'VELO_RETRIABLE')) === true;
  const permanent = asked
    ? asked === 'dead-letter'
    : !retriable && (stage === 'decode' || isPermanent(error, name) || verdict?.action === 'dead-letter');
  return {
    error,
    name,
    message,
    category: verdict?.category ?? 'Unknown',
    code: verdict?.code,
    permanent,
    after: permanent || !retriable ? undefined : (error as { after?: number }).after,
  };
}

function isPermanent(error: unknown, name: string): boolean {
  if (isVeloError(error, 'VELO_PERMANENT')) return true;
  // fetch() and other platform calls throw a TypeError with a cause when the network fails.
  if (name === 'TypeError') return attempt(() => (error as Error).cause) === undefined;
  return PERMANENT_CLASSES.has(name);
}

function read(error: unknown, key: 'name' | 'message'): string | undefined {
  const value = attempt(() => (error as Error | null | undefined)?.[key]);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function show(value: unknown): string {
  return attempt(() => String(value)) ?? 'a value that cannot be shown';
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
