import type { FetchTime } from '../attempts/fetch-times.js';
import type { KafkaRecord } from '../binding/record.js';
import type { RunningHandler } from '../observing/stall-watch.js';

/** What becomes of a lane's records once they were taken from its queue: one by one, or side by side. */
export interface LaneWork {
  /** Records that were taken, and wait behind others. */
  readonly waiting: number;
  /** Handlers that have not ended. */
  readonly running: readonly RunningHandler[];
  /**
   * Resolves, or returns nothing, when the next record may be taken.
   *
   * @param fetched when a tier's record has come
   */
  run(record: KafkaRecord, fetched: FetchTime | undefined): Promise<void> | undefined;
  /** Resolves when no handler runs. */
  idle(): Promise<void>;
  /** Aborts the handlers that run. One that fails then has not failed: its record comes again. */
  interrupt(reason: Error): void;
  /** Nothing starts any more. Resolves when all has ended that was taken. */
  end(): Promise<void>;
}
