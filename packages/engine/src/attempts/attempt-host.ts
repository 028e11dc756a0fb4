import type { AsyncResource } from 'node:async_hooks';
import type { Clock, VeloError } from '@velo/retry-core';
import type { ClientCapabilities } from '../binding/binding.js';
import type { Failure } from '../failures/failure.js';
import type { Emitter } from '../observing/events.js';
import type { ConsumerWatch } from '../observing/observers.js';
import type { HandOffs } from '../sending/hand-offs.js';

/** What the attempts of records share: one for each consumer. */
export interface AttemptHost {
  readonly clock: Clock;
  /** A new scope for one attempt, of the async context in which handlers run. */
  scope(): Pick<AsyncResource, 'runInAsyncScope'>;
  readonly groupId: string;
  readonly events: Emitter;
  /** What observers watch. */
  readonly watch: Pick<ConsumerWatch, 'attempts' | 'copies'>;
  readonly capabilities: ClientCapabilities;
  readonly handOffs: HandOffs;
  /** Dead letters of a source go to a topic that may not be known yet: it is made ready before the first one is sent. */
  adopt(topic: string, source: string): void;
  /** Which partition of velo's own topic takes the copies of a source's partition. */
  partitionFor(topic: string, partition: number): number;
  /** How an attempt has ended; `undefined`: well. */
  recordAttempt(failure: Failure | undefined): void;
  /** What users should mend, in their log. */
  warn(message: string): void;
  /** The consumer must stop before this record. */
  halt(error: VeloError): void;
}
