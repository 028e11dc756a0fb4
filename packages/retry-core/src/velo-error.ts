import { systemClock } from './clock.js';
import type { ErrorCategory } from './error-category.js';
import { asText } from './errors/as-text.js';
import { foreignMessage } from './errors/foreign-text.js';
import { printed } from './errors/printable.js';
import { readProperty } from './errors/safe-read.js';
import { type RetryAfter, retryAfterOf, statusOf, waitUntil } from './retry-after.js';

/** Every code of an error that velo makes; closed, so that a `switch` over it is complete. */
export type VeloErrorCode =
  | 'VELO_INVALID_OPTION'
  | 'VELO_RETRIES_EXHAUSTED'
  | 'VELO_TIMEOUT'
  | 'VELO_ABORTED'
  | 'VELO_BUDGET_EXHAUSTED'
  | 'VELO_CIRCUIT_OPEN'
  | 'VELO_PERMANENT'
  | 'VELO_RETRIABLE'
  | 'VELO_TOPIC_MISSING'
  | 'VELO_TOPOLOGY'
  | 'VELO_CONSUMER_DEAD'
  | 'VELO_NOT_SUPPORTED'
  | 'VELO_PUBLISH_REFUSED'
  | 'VELO_CLOSED'
  | 'VELO_HANDLER_TIMEOUT'
  | 'VELO_BATCH_FAILED'
  | 'VELO_CLIENT';

export interface VeloErrorOptions {
  /** What led to this error; kept as it is, whatever it is. */
  readonly cause?: unknown;
}

/** Shared by every copy of velo in a process: ESM and CJS builds, two versions. */
const BRAND = /* @__PURE__ */ Symbol.for('velo.error');

/** Base of all errors that velo makes. Tell them apart by `code`, with `isVeloError`. */
export class VeloError extends Error {
  override name = 'VeloError';
  readonly code: VeloErrorCode;

  constructor(code: VeloErrorCode, message: string, options?: VeloErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Why a run of retries ended. */
export type RetriesExhaustedCode = 'VELO_RETRIES_EXHAUSTED' | 'VELO_TIMEOUT' | 'VELO_BUDGET_EXHAUSTED';

export interface RetriesExhaustedOptions extends VeloErrorOptions {
  /** Calls made, the first included. */
  readonly attempts: number;
  /** Milliseconds from the start of the first call, or from its failure where no clock was read before. */
  readonly elapsed: number;
  /** Of the last failure. */
  readonly category: ErrorCategory;
  /** What it means and what to do, at the end of the message. */
  readonly note?: string;
  /** @default 'VELO_RETRIES_EXHAUSTED' */
  readonly code?: RetriesExhaustedCode;
}

const REASONS: Readonly<Record<RetriesExhaustedCode, string>> = {
  VELO_RETRIES_EXHAUSTED: 'no attempt is left',
  VELO_TIMEOUT: 'the time is over',
  VELO_BUDGET_EXHAUSTED: 'the retry budget is spent',
};

/**
 * Retrying ended without success: `maxAttempts` was reached (`VELO_RETRIES_EXHAUSTED`), the time is over or would
 * be before the next attempt (`VELO_TIMEOUT`), or the budget is spent (`VELO_BUDGET_EXHAUSTED`). `cause` is the
 * last failure; an attempt that the end of the time has cut off counts as one only if there was none before.
 */
export class RetriesExhaustedError extends VeloError {
  override name = 'RetriesExhaustedError';
  declare readonly code: RetriesExhaustedCode;
  readonly attempts: number;
  readonly elapsed: number;
  readonly category: ErrorCategory;

  constructor(options: RetriesExhaustedOptions) {
    const { attempts, cause, note, code = 'VELO_RETRIES_EXHAUSTED' } = options;
    const count = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    const more = note === undefined ? '' : `. ${note}`;
    super(code, `gave up after ${count}, as ${REASONS[code]}: ${foreignMessage(cause)}${more}`, { cause });
    this.attempts = attempts;
    this.elapsed = options.elapsed;
    this.category = options.category;
  }
}

/** Thrown by an operation or a handler: no attempt will ever succeed, so none is made. */
export class PermanentError extends VeloError {
  override name = 'PermanentError';
  declare readonly code: 'VELO_PERMANENT';

  constructor(message = 'cannot succeed', options?: VeloErrorOptions) {
    super('VELO_PERMANENT', message, options);
  }
}

export interface RetriableErrorOptions extends VeloErrorOptions {
  /**
   * The next attempt is not made before: milliseconds, a text such as `'30s'`, a `Date`, or what a `Retry-After` of HTTP holds, in seconds
   * or as a date.
   */
  readonly after?: RetryAfter;
  readonly message?: string;
}

/**
 * Thrown by an operation or a handler: worth another attempt.
 *
 * `new RetriableError('text', { after: '30s', cause })` or `new RetriableError({ after: '30s', message, cause })`.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, with the same `cause`, if `after` is none of these. Thrown by a handler, it is retried as any
 *   failure
 */
export class RetriableError extends VeloError {
  override name = 'RetriableError';
  declare readonly code: 'VELO_RETRIABLE';
  /** Milliseconds, from when the error was made; the least time to wait before the next attempt. */
  readonly after: number | undefined;

  constructor(message?: string | RetriableErrorOptions, options?: RetriableErrorOptions) {
    const given = typeof message === 'object' && message !== null ? message : { message, ...options };
    super('VELO_RETRIABLE', given.message ?? 'failed for now', given);
    const { after } = given;
    if (after === undefined) return;
    this.after = waitUntil(after, systemClock.wallTime());
    if (this.after >= 0 && this.after <= Number.MAX_SAFE_INTEGER) return;
    throw invalidOption(
      'RetriableError.after',
      after,
      "a duration, such as 500 (milliseconds) or '30s', a Date, or what a Retry-After holds, such as '120' (seconds) or 'Sun, 06 Nov 1994 08:49:37 GMT'. Nothing is lost: the record is retried as after any failure",
      given,
    );
  }

  /**
   * For an answer that may say when to come again: `if (!response.ok) throw RetriableError.fromResponse(response)`. Takes what `fetch`
   * gives, and whatever has `headers`, as answers of Node's `http` and of axios. Without a `Retry-After` it waits as any failure.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION` for a `Retry-After` of neither form
   */
  static fromResponse(
    response: { readonly headers: object },
    options?: RetriableErrorOptions,
  ): RetriableError {
    const after = retryAfterOf(response) as RetryAfter | undefined;
    const status = statusOf(response) ?? 'an error';
    return new RetriableError({
      message: `the service has answered with ${status}`,
      ...(after !== undefined && { after }),
      ...options,
    });
  }
}

/** A `CircuitBreaker` lets no call through. Worth another attempt once `after` has passed. */
export class CircuitOpenError extends VeloError {
  override name = 'CircuitOpenError';
  declare readonly code: 'VELO_CIRCUIT_OPEN';

  /** @param after milliseconds until the next call is let through */
  constructor(readonly after: number) {
    super(
      'VELO_CIRCUIT_OPEN',
      `the circuit is open for another ${after} ms, since its service kept failing. The call was not made. Try again after that time; retry() waits for it by itself.`,
    );
  }
}

/** The class of the error with a given code. */
export type VeloErrorOf<Code extends VeloErrorCode> = Code extends
  | 'VELO_RETRIES_EXHAUSTED'
  | 'VELO_BUDGET_EXHAUSTED'
  ? RetriesExhaustedError
  : Code extends 'VELO_PERMANENT'
    ? PermanentError
    : Code extends 'VELO_RETRIABLE'
      ? RetriableError
      : Code extends 'VELO_CIRCUIT_OPEN'
        ? CircuitOpenError
        : VeloError & { readonly code: Code };

/**
 * Whether `error` was made by velo, with that `code` if one is given. Use this and not `instanceof`, which fails
 * when both the ESM and the CJS build are loaded. Never throws.
 */
export function isVeloError(error: unknown): error is VeloError;
export function isVeloError<Code extends VeloErrorCode>(
  error: unknown,
  code: Code,
): error is VeloErrorOf<Code>;
export function isVeloError(error: unknown, code?: VeloErrorCode): boolean {
  try {
    return (
      (error as { [BRAND]?: boolean } | null | undefined)?.[BRAND] === true &&
      (code === undefined || (error as VeloError).code === code)
    );
  } catch {
    return false; // a getter or a proxy that throws
  }
}

/** The message of anything that was thrown, in at most 500 characters. Never throws. */
export function messageOf(error: unknown): string {
  const message = readProperty(error, 'message');
  return asText(message || error).slice(0, 500);
}

/**
 * The error for a bad option: names the option, its value (at most 80 characters of it, quoted, since it may be
 * untrusted text) and what it must be.
 */
export function invalidOption(
  name: string,
  value: unknown,
  mustBe: string,
  options?: VeloErrorOptions,
): VeloError {
  return new VeloError('VELO_INVALID_OPTION', `${name} is ${show(value)}, but must be ${mustBe}`, options);
}

/** A value for people: texts quoted and cut at 80 characters, lists in brackets. Never throws. */
export function show(value: unknown): string {
  const text = isList(value) ? `[${messageOf(value)}]` : messageOf(value);
  return typeof value === 'string'
    ? printed(JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text))
    : printed(text.slice(0, 80));
}

/** A proxy that was revoked throws when it is asked. */
function isList(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
