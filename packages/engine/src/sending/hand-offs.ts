import type { KafkaRecord } from '../binding/record.js';
import type { PendingRecord } from './pending-record.js';
import type { RecordLane } from './record-lane.js';

/** Copies on their way to tiers and dead-letter topics, and how they get there. */
export interface HandOffs {
  /** Copies that are neither written nor refused nor dropped. */
  readonly pending: number;
  /** Whether their writes fail at present. */
  readonly failing: boolean;
  /** @param record what it is a copy of, `lane` its lane */
  add(copy: PendingRecord, lane: RecordLane, record: KafkaRecord): void;
  /** Resolves when there may be room for more copies of this lane; `undefined` if there is now. */
  room(lane: RecordLane): Promise<void> | undefined;
  /** Resolves when nothing is on its way any more, or after `close`. */
  idle(): Promise<void>;
  /** Drops what is not on its way yet. */
  close(): void;
  /** The lane's position is known again: all records below it have finished, or have their copies. */
  opened(lane: RecordLane, position: number): void;
  /** A record has finished while copies of the lane are on their way: one may have waited for it. */
  moved(lane: RecordLane): void;
  /** The lane's partition is gone. */
  gone(lane: RecordLane): void;
}
