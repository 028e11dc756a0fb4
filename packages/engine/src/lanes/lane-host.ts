import type { AttemptHost } from '../attempts/attempt-host.js';
import type { TopicPartition } from '../binding/record.js';
import type { CommitSchedule } from '../offsets/committer.js';
import type { SharedBuffer } from './shared-buffer.js';

/** What lanes share: one for each consumer. */
export interface LaneHost extends AttemptHost {
  readonly commits: CommitSchedule;
  readonly bufferRecords: number;
  readonly bufferBytes: number;
  /** What all lanes keep together. */
  readonly buffer: SharedBuffer;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
}
