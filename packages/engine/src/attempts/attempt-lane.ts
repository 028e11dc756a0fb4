import type { SourceFlow } from '../flow/source-flow.js';
import type { RecordLane } from '../sending/record-lane.js';

/** The lane whose records are tried. */
export interface AttemptLane extends RecordLane {
  /** Of its topic's source. */
  readonly flow: SourceFlow;
}
