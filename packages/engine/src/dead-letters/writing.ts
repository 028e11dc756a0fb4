import type { OutgoingRecord, PublishOutcome } from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';
import type { Letter } from './letter.js';

/** What becomes of one dead letter, and is written down. */
export interface Job {
  readonly letter: Letter;
  /** `undefined`: the ledger's entry alone is written. */
  readonly copy: OutgoingRecord | undefined;
  /** Why no copy is sent, where that is what is written down. */
  readonly refusal?: unknown;
  entry(end: PublishOutcome): OutgoingRecord;
}

/** The jobs of one partition of dead letters, in the order of their offsets. */
export interface Share {
  readonly partition: TopicPartition;
  /** What the working group commits there with them. Nobody reads from it. */
  readonly commit: number;
  readonly jobs: readonly Job[];
}

/**
 * `ends`: all is written, entries included, and tells how each copy fared. Else nothing is, or nobody knows; `suspects` are the jobs whose
 * copies the error may be about.
 */
export type ShareEnd =
  | { readonly ends: readonly PublishOutcome[] }
  | { readonly error: unknown; readonly suspects: readonly number[] };

/** How copies and what the ledger says of them are written. */
export interface Writing {
  /** Makes sure that nobody else's copies of these partitions are still on their way; the ledger is read after that. */
  secure(partitions: readonly TopicPartition[]): Promise<void>;
  /** One end for each share, in their order. @throws where there is no hope */
  write(shares: readonly Share[]): Promise<readonly ShareEnd[]>;
  close(): void;
}
