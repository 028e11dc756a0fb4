import type { ErrorCategory } from '../error-category.js';
import { categorizeErrorCode } from './categorize-error-code.js';
import { categorizeErrorMessage, codeInMessage } from './categorize-error-message.js';
import { categoryOfClass, categoryOfTextCode } from './client-classes.js';
import { findKafkaError } from './find-kafka-error.js';
import { findKafkaErrorByText } from './find-kafka-error-by-text.js';
import { readProperty, readText } from './safe-read.js';

/** What one error, without its causes, says about what went wrong. */
export interface ErrorEvidence {
  /** The error that says it. */
  readonly source: unknown;
  readonly category: ErrorCategory;
  /** Kafka's number, also one that is not in the table. */
  readonly code?: number;
  /** Whether the number was read from the error's `code`, where other libraries keep theirs as well. */
  readonly fromCode?: boolean;
}

/** kafkajs's number for every code that it does not know; the real one stands in the message only. */
const KAFKAJS_UNKNOWN = -99;

/** Evidence of one error: its number first, then its text code, its class, its message. */
export function readEvidence(source: unknown): ErrorEvidence {
  if (typeof source === 'number') return byNumber(source, source, '') ?? { source, category: 'Unknown' };
  if (typeof source === 'string') return byMessage(source, source);
  const message = readText(source, 'message');
  const code = readProperty(source, 'code');
  const apiCode = readProperty(source, 'apiCode');
  if (typeof apiCode === 'number') {
    const found = byNumber(source, apiCode, message);
    if (found) return { ...found, fromCode: false };
  }
  if (typeof code === 'number' && !hasForeignCode(source)) {
    const found = byNumber(source, code, message);
    if (found) return found;
  }
  return byName(source, code) ?? byTextCodeOrClass(source, code, message) ?? byMessage(source, message);
}

/** Whether the evidence tells more than that something failed. */
export function isTelling(evidence: ErrorEvidence): boolean {
  return (
    evidence.category !== 'Unknown' ||
    (evidence.code !== undefined && evidence.code !== -1 && isInTable(evidence.code))
  );
}

function byNumber(source: unknown, code: number, message: string): ErrorEvidence | undefined {
  if (!Number.isInteger(code) || code === 0) return undefined;
  if (code === KAFKAJS_UNKNOWN) {
    const real = codeInMessage(message);
    return real === undefined ? undefined : ofCode(source, real);
  }
  if (code === -1) {
    // node-rdkafka's event.error and delivery reports have -1 and the text of the real code.
    const row = findKafkaErrorByText(message);
    if (row && row.code !== 0) return ofCode(source, row.code);
    const category = categorizeErrorMessage(message);
    return category === 'Unknown' ? ofCode(source, -1) : { source, category };
  }
  if (isInTable(code)) return ofCode(source, code);
  return { source, category: categorizeErrorMessage(message), code, fromCode: true };
}

/** kafkajs has the name of the code in `type`, others in `code`. */
function byName(source: unknown, code: unknown): ErrorEvidence | undefined {
  for (const name of [readProperty(source, 'type'), code]) {
    if (typeof name !== 'string' || !/^[A-Z_]{3,80}$/.test(name)) continue;
    const row = findKafkaError(name);
    if (row && row.code !== 0 && row.code !== -1) return ofCode(source, row.code);
  }
  return undefined;
}

function byTextCodeOrClass(source: unknown, code: unknown, message: string): ErrorEvidence | undefined {
  const category =
    (typeof code === 'string' ? categoryOfTextCode(code) : undefined) ?? categoryOfClass(source, message);
  return category === undefined ? undefined : { source, category };
}

function byMessage(source: unknown, message: string): ErrorEvidence {
  const row = findKafkaErrorByText(message);
  const code = row && row.code !== 0 ? row.code : codeInMessage(message);
  if (code === undefined) return { source, category: categorizeErrorMessage(message) };
  return { source, category: categorizeErrorCode(code), code };
}

function ofCode(source: unknown, code: number): ErrorEvidence {
  return { source, category: categorizeErrorCode(code), code, fromCode: true };
}

function isInTable(code: number): boolean {
  return findKafkaError(code) !== undefined;
}

/** A DOMException (`AbortSignal.timeout`) has a number of its own: 20 or 23. */
function hasForeignCode(source: unknown): boolean {
  return /^(Abort|Timeout)Error$/.test(readText(source, 'name'));
}
