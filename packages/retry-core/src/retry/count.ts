import { callSafely } from '../adopt.js';
import type { RetryOptions } from './options.js';

type Counters = NonNullable<RetryOptions['metrics']>;

/** Counts an attempt. What a counter of the user's throws, or rejects with, must not spoil the result that is counted. */
export function count(metrics: Counters | undefined, tell: (metrics: Counters) => unknown): void {
  if (metrics !== undefined) callSafely(() => tell(metrics));
}
