import type { CircuitState } from '@velo/retry-core';
import type { TopicPartition } from '../binding/record.js';
import type { ConsumerHealth } from './health.js';

/** What is at hand in a consumer, made when it is asked for. */
export interface ConsumerGauges {
  readonly health: ConsumerHealth;
  /** How long ago a broker last answered the member, ms; undefined before the first answer. */
  readonly sinceContact: number | undefined;
  readonly buffers: readonly BufferGauges[];
  /** All sources. */
  readonly sources: readonly SourceGauges[];
}

/** What of a partition was fetched and has not ended, what is being handled among it. */
export interface BufferGauges extends TopicPartition {
  readonly records: number;
  /** About what they keep in memory. */
  readonly bytes: number;
}

export interface SourceGauges {
  readonly topic: string;
  /** How many attempts in place could be made now, with fractions; `undefined` without `flow.retryBudget`. */
  readonly retryBudget: number | undefined;
  /** `undefined` without `flow.breaker`. */
  readonly breaker: CircuitState | undefined;
}
