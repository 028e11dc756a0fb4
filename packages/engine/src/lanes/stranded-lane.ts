import type { AttemptTimes } from '../attempts/record-attempts.js';
import type { KafkaRecord } from '../binding/record.js';
import type { RecordLane } from '../sending/record-lane.js';

/** The lane whose records run side by side. */
export interface StrandedLane extends RecordLane, AttemptTimes {
  /** Records may begin. */
  readonly isOpen: boolean;
  /** What only the configuration can have thrown. */
  fail(error: unknown): void;
  /** A record that was taken last is under way beside those that are taken after it, until it has `ended`. */
  keep(record: KafkaRecord): void;
  ended(record: KafkaRecord): void;
}
