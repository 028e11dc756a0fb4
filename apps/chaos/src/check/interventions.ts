import type { StoredRecord } from './stored-record.js';

/** What an administrator did to the group's offsets while the group had no member. */
export interface OffsetsReset {
  /** When it was done, ms since 1970. */
  readonly at: number;
  /** By `topic partition`. */
  readonly partitions: ReadonlyMap<string, ResetPartition>;
}

export interface ResetPartition {
  /** From here on records come again: none before it. */
  readonly from: number;
  /** They must: the administrator has asked for it. An offset beyond the end asks for nothing. */
  readonly wanted: boolean;
}

/** A topic was deleted and made again under its name. */
export interface TopicRemade {
  readonly topic: string;
  /** When the old one was gone and the new one not there yet, ms since 1970. */
  readonly at: number;
  /** When the new one could be written to, ms since 1970. */
  readonly back: number;
  /** What the old one held, but for what was written to it at last. */
  readonly records: readonly StoredRecord[];
  /** What the group had committed of it before, by partition: what is below counts. */
  readonly committed: ReadonlyMap<number, number>;
}
