import type { PartitionOffset } from '../binding/binding.js';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';

/** What the attempts at a record, and its copies, need of their lane. */
export interface RecordLane extends TopicPartition {
  /** The partition is gone: nothing that happens to the record counts any more. */
  readonly closed: boolean;
  /** The record is done with, without a copy. */
  finish(record: KafkaRecord): void;
  /** Its copy is acknowledged: the commit follows soon, since a crash before it would make the copy once more. */
  handedOff(record: KafkaRecord): void;
  /** How often the position has come in doubt. */
  readonly doubts: number;
  /** Where the lane would stand with the copies of these offsets written; `undefined` where nothing may be committed. */
  positionAfter(offsets: readonly number[]): PartitionOffset | undefined;
  /** Whether the record of this offset has not finished, so that the position cannot pass it. */
  awaits(offset: number): boolean;
  /** Nothing else is committed until the transaction has ended, or the lane is opened anew. */
  beginTransaction(): void;
  endTransaction(committed: PartitionOffset): void;
  /** Puts the position in doubt: no handler starts until `open` tells the position. */
  hold(): void;
}
