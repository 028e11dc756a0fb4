import type { KafkaRecord } from '../binding/record.js';
import type { SourceFlow } from '../flow/source-flow.js';
import type { RecordLane } from '../sending/record-lane.js';
import type { WaitingKeys } from './waiting-keys.js';

/** The lane whose records are tried. */
export interface AttemptLane extends RecordLane {
  /** Of its topic's source. */
  readonly flow: SourceFlow;
  /** The keys that records must not pass; `undefined` without `retry.keepKeyOrder`. */
  readonly keys: WaitingKeys | undefined;
  /** A copy of it is on its way. */
  leaves(record: KafkaRecord): void;
  /** That copy is not needed: another member has got past the record. */
  dropped(record: KafkaRecord): void;
}
