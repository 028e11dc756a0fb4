import type { KafkaRecord } from '../binding/record.js';
import type { RetryState } from '../headers/retry-state.js';
import type { Route } from '../plan/plan-topic.js';

/** A record whose first attempt may be made. */
export interface PreparedRecord {
  readonly record: KafkaRecord;
  /** What a tier's copy says of it. */
  readonly state: RetryState | undefined;
  readonly route: Route;
}
