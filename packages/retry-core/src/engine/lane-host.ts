import type { Clock } from '../clock.js';
import type { VeloError } from '../velo-error.js';
import type { ClientCapabilities } from './binding.js';
import type { Committable } from './committer.js';
import type { Emitter } from './events.js';
import type { Failure } from './failure.js';
import type { HandOffs } from './hand-offs.js';
import type { TopicPartition } from './record.js';
import type { SharedBuffer } from './shared-buffer.js';

/** What lanes share: one for each consumer. */
export interface LaneHost {
  readonly clock: Clock;
  readonly groupId: string;
  readonly events: Emitter;
  readonly capabilities: ClientCapabilities;
  readonly handOffs: HandOffs;
  readonly bufferRecords: number;
  readonly bufferBytes: number;
  /** What all lanes keep together. */
  readonly buffer: SharedBuffer;
  /** Dead letters of a source go to a topic that may not be known yet: it is made ready before the first one is sent. */
  adopt(topic: string, source: string): void;
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
