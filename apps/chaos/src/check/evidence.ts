import type { ProcessHistory } from '../history/entry.js';
import type { HandOffMode } from '../member/settings.js';

/** A record as it stands in a topic at the end of the run. */
export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  /** Where it stands in the source: `partition offset`; for a copy, as its headers say. */
  readonly origin: string;
  /** What a dead letter's headers say. */
  readonly attempts: number;
  readonly reason: string;
  readonly message: string;
}

/** All that the verdict rests on. */
export interface Evidence {
  readonly seed: number;
  readonly handOff: HandOffMode;
  /** Of the members. */
  readonly histories: readonly ProcessHistory[];
  /** Of the process that produces. */
  readonly producer: ProcessHistory;
  readonly source: readonly StoredRecord[];
  /** What the tiers and the dead-letter topic hold. */
  readonly copies: readonly StoredRecord[];
}
