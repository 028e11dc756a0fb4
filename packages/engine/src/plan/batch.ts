import { toMilliseconds } from '@velo/retry-core';
import { fail, whole } from './check-option.js';
import type { BatchContext, BatchPolicy, TopicPolicy } from './config.js';
import { DEFAULTS } from './defaults.js';

/** How records are handled together. */
export interface Batch {
  readonly handler: (messages: readonly never[], context: BatchContext) => unknown;
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** ms */
  readonly maxWait: number;
}

const MAX_RECORDS = 100_000;
const MAX_BYTES = 2 ** 30;
const MAX_WAIT = 60_000;

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function batchOf<T>(policy: BatchPolicy<T>): Batch {
  if (typeof policy !== 'object' || policy === null)
    fail('batch', policy, 'an object with a handler: { handler: (messages, context) => … }');
  const { handler, maxRecords, maxBytes, maxWait } = policy;
  if (typeof handler !== 'function') fail('batch.handler', handler, 'a function');
  return {
    handler: handler as Batch['handler'],
    maxRecords: whole(maxRecords ?? DEFAULTS.batchRecords, 'batch.maxRecords', 1, MAX_RECORDS),
    maxBytes: whole(maxBytes ?? DEFAULTS.batchBytes, 'batch.maxBytes', 1, MAX_BYTES),
    maxWait: toMilliseconds(maxWait ?? DEFAULTS.batchWait, 'batch.maxWait', { min: 0, max: MAX_WAIT }),
  };
}

/**
 * What a topic's own policy overrides of what stands beside it: its handler a batch, and the other way round.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` where one of them has both
 */
export function merged<P extends Pick<TopicPolicy<never>, 'handler' | 'batch'>>(around: P, own: P): P {
  for (const { handler, batch } of [around, own])
    if (handler !== undefined && batch !== undefined)
      fail('batch', batch, 'either handler or batch, and not both: a record is handled once');
  const overridden =
    own.batch !== undefined ? { handler: undefined } : own.handler !== undefined ? { batch: undefined } : {};
  return { ...around, ...overridden, ...own };
}
