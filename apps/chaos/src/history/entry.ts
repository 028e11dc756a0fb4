/**
 * What members and the producer write down, one line each, before anything else happens. A kill -9 loses no line
 * that was written; at the most the last one is torn.
 */
export type Entry =
  | AssignedEntry
  | TriedEntry
  | CommittedEntry
  | HandedOffEntry
  | UnacknowledgedEntry
  | AcknowledgedEntry
  | BreakerEntry
  | GuardedEntry
  | NoteEntry;

interface At {
  /** ms since 1970; all processes share one machine's clock. */
  readonly at: number;
}

/** All partitions that the member owns from now on. */
export interface AssignedEntry extends At {
  readonly kind: 'assigned';
  /** Counts the assignments of this process, from 1. */
  readonly turn: number;
  /** `topic partition` each. */
  readonly partitions: readonly string[];
}

/** A handler (or `decode`) has ended. Written before velo learns of it. */
export interface TriedEntry extends At {
  readonly kind: 'tried';
  /** The turn in which the attempt began. */
  readonly turn: number;
  /** `topic partition` */
  readonly partition: string;
  readonly offset: number;
  /** Where the record first stood, and its name, see `originOf`. */
  readonly origin: string;
  readonly id: number;
  readonly key: string;
  /** Starts and ends of attempts of this process, counted one by one: which of them came first, however short they were. */
  readonly started: number;
  readonly ended: number;
  readonly tier: number;
  readonly passed: boolean;
  /** The service was away: whatever the record's fate, this attempt has failed. @default false */
  readonly away?: boolean | undefined;
  /** When the record was written to its topic, ms since 1970. */
  readonly written: number;
}

/** The group's coordinator has acknowledged a commit. */
export interface CommittedEntry extends At {
  readonly kind: 'committed';
  /** The turn in which it was asked for. */
  readonly turn: number;
  /** By `topic partition`. */
  readonly offsets: Readonly<Record<string, number>>;
}

/** A copy was acknowledged, in a tier or as a dead letter; its record's offset is not committed yet. */
export interface HandedOffEntry extends At {
  readonly kind: 'handed off';
  readonly turn: number;
  /** `topic partition` of the record. */
  readonly partition: string;
  readonly offset: number;
  readonly origin: string;
  /** Where the copy is. */
  readonly topic: string;
}

/** A send failed, or nobody knows whether it has: the record may be written all the same. */
export interface UnacknowledgedEntry extends At {
  readonly kind: 'unacknowledged';
  readonly topic: string;
  /** The origin of a copy, the name of a new record. */
  readonly record: string;
  readonly error: string;
}

/** The producer has its acknowledgement for these records. */
export interface AcknowledgedEntry extends At {
  readonly kind: 'acknowledged';
  readonly ids: readonly number[];
  /** When the send began, ms since 1970. */
  readonly began: number;
}

/** The circuit breaker of a source has opened, or closed. */
export interface BreakerEntry extends At {
  readonly kind: 'breaker';
  readonly source: string;
  readonly isOpen: boolean;
}

/** The guard has tripped: what is about to be dead-lettered is held, and tried once more when somebody resumes. */
export interface GuardedEntry extends At {
  readonly kind: 'guarded';
  readonly source: string;
}

/** For people: a crash of the client, a restart, a failed commit. */
export interface NoteEntry extends At {
  readonly kind: 'note';
  readonly text: string;
}

/** What one process has written. */
export interface ProcessHistory {
  readonly process: string;
  readonly entries: readonly Entry[];
}
