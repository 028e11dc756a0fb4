import type { OutgoingRecord } from '../binding/binding.js';

/** A record on its way to the brokers. Exactly one of `written`, `refused` and `dropped` is called. */
export interface PendingRecord {
  readonly record: OutgoingRecord;
  /** Asked right before each send: what is no longer wanted is dropped. */
  wanted(): boolean;
  /** The brokers have acknowledged it. */
  written(offset: string | undefined): void;
  /** It can never be written. */
  refused(error: unknown): void;
  /** It will not be sent any more. It may have been written all the same, if an acknowledgement was lost. */
  dropped(): void;
  /** A send has failed and is tried again. */
  failed?(error: unknown): void;
}
