import type { AttemptHost } from '../attempts/attempt-host.js';
import type { TopicPartition } from '../binding/record.js';
import type { Flow } from '../flow/flow.js';
import type { CommitSchedule } from '../offsets/committer.js';
import type { MetadataRoom } from '../offsets/partition-position.js';
import type { SharedBuffer } from './shared-buffer.js';
import type { SharedSlots } from './slots.js';

/** What lanes share: one for each consumer. */
export interface LaneHost extends AttemptHost {
  readonly commits: CommitSchedule;
  readonly metadataRoom: Readonly<MetadataRoom>;
  readonly bufferRecords: number;
  readonly bufferBytes: number;
  /** What all lanes keep together. */
  readonly buffer: SharedBuffer;
  readonly slots: SharedSlots;
  readonly flow: Pick<Flow, 'of'>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
}
