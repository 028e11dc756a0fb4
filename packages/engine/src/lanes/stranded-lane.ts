import type { AttemptLane } from '../attempts/attempt-lane.js';
import type { AttemptTimes } from '../attempts/record-attempts.js';
import type { KafkaRecord } from '../binding/record.js';

/** The lane whose records run side by side. */
export interface StrandedLane extends AttemptLane, AttemptTimes {
  /** Records may begin. */
  readonly isOpen: boolean;
  /** As `wait`, of a record that does not start at once: another one may start before it. */
  ready(ms: number, record: KafkaRecord): Promise<boolean>;
  /** What only the configuration can have thrown. */
  fail(error: unknown): void;
  /** A record that was taken last is under way beside those that are taken after it, until it has `ended`. */
  keep(record: KafkaRecord): void;
  ended(record: KafkaRecord): void;
  /** Resolves when no copy of it is on its way any more, or nothing starts any more; `undefined` if none is. */
  left(record: KafkaRecord): Promise<void> | undefined;
}
