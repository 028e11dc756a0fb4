import type { Clock } from '../clock.js';
import type { VeloError } from '../velo-error.js';
import type { Committable } from './committer.js';
import type { Emitter } from './events.js';
import type { Failure } from './failure.js';
import type { KafkaRecord, TopicPartition } from './record.js';
import type { RecordWriter } from './record-writer.js';

/** What lanes share: one for each consumer. */
export interface LaneHost {
  readonly clock: Clock;
  readonly groupId: string;
  readonly events: Emitter;
  readonly handOffs: RecordWriter;
  readonly bufferRecords: number;
  readonly bufferBytes: number;
  /** Which partition of velo's own topic takes the copies of a source's partition. */
  partitionFor(topic: string, partition: number): number;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Something may be committed. */
  finished(lane: Committable, soon: boolean): void;
  recordTry(failure: Failure | undefined): void;
  /** The consumer must stop before this record. */
  halt(error: VeloError): void;
}

/** What the tries of a record need of their lane. */
export interface RecordLane {
  /** The partition is gone: nothing that happens to the record counts any more. */
  readonly closed: boolean;
  /** Waits, then for the lane to be open. False: the record must not be tried here any more. */
  wait(ms: number, record: KafkaRecord): Promise<boolean>;
  /** The record is done with. */
  finish(record: KafkaRecord, soon: boolean): void;
}
