/** Who has handlers in a round. */
export type Party = 'velo' | 'Spring';

/** One run of a handler for one record. */
export interface Attempt {
  readonly by: Party;
  /** Where it was made: the source, or a retry topic. */
  readonly topic: string;
  readonly value: string;
  readonly key: string | null;
  /** Of the header that all records have, in hex. */
  readonly bytes: string | undefined;
  /** From 1, in all topics. */
  readonly attempt: number;
  /** Whether a copy that waits was tried before its time. */
  readonly early: boolean;
}
