import { type ErrorEvidence, isTelling, readEvidence } from './error-evidence.js';
import { isObject, readArray, readProperty } from './safe-read.js';
import { isRetriedVerdict } from './verdict.js';

/** Errors looked at in one walk, causes and parts together; what lies deeper is not seen. */
const MAX_ERRORS = 100;

/** Parts of one aggregate that are looked at. */
const MAX_PARTS = 32;

/**
 * What the innermost cause says that says anything. The outer errors of the clients mislead: a broker that is down
 * arrives from kafkajs as "non-retriable", a refused password from platformatic as a retriable network error.
 *
 * The walk follows `cause` and `errors` (AggregateError, KafkaJSAggregateError, MultipleErrors). Of an aggregate the first
 * part counts that another attempt cannot mend, else the first that says anything: the whole succeeds only if each part
 * does. The walk is bounded and reads each error once, so cycles end.
 */
export function findRootCause(error: unknown): ErrorEvidence {
  const visited = new Set<unknown>();
  return visit(error, visited) ?? { source: error, category: 'Unknown' };
}

function visit(error: unknown, visited: Set<unknown>): ErrorEvidence | undefined {
  if (isObject(error)) {
    if (visited.has(error) || visited.size >= MAX_ERRORS) return undefined;
    visited.add(error);
  }
  const inner = visitParts(error, visited) ?? visitCause(error, visited);
  if (inner && isTelling(inner)) return inner;
  const own = readEvidence(error);
  if (isTelling(own)) return own;
  return inner?.code === undefined ? own : inner;
}

function visitCause(error: unknown, visited: Set<unknown>): ErrorEvidence | undefined {
  const cause = readProperty(error, 'cause');
  return cause === undefined || cause === null ? undefined : visit(cause, visited);
}

function visitParts(error: unknown, visited: Set<unknown>): ErrorEvidence | undefined {
  let first: ErrorEvidence | undefined;
  for (const part of readArray(error, 'errors', MAX_PARTS)) {
    const evidence = visit(part, visited);
    if (!evidence || !isTelling(evidence)) continue;
    if (!isRetriedVerdict(evidence)) return evidence;
    first ??= evidence;
  }
  return first;
}
