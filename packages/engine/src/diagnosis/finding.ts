import type { Duration } from '@velo/retry-core';
import type { ExhaustedPolicy, RetryPolicy } from '../plan/config.js';

/** What `velo.diagnose()` looks at. */
export interface DiagnoseOptions {
  readonly groupId: string;
  /** The source topics. */
  readonly topics: readonly string[];
  /** As the consumer has it: then what it needs is expected. @default tiers are found by their names */
  readonly retry?: Pick<RetryPolicy, 'tiers' | 'naming'> | undefined;
  /** As the consumer has it. @default dead letters in `<topic>-<group>-dlt` */
  readonly exhausted?: ExhaustedPolicy | undefined;
  /** How long each question may take, 1 s at the least; there are a few for each topic. @default 10 s */
  readonly timeout?: Duration | undefined;
  /** Ends it: the iteration throws its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Passed through to the client's consumer that reads the oldest records. */
  readonly client?: object | undefined;
}

/**
 * - `connection`: the brokers answer, and accept the user
 * - `topic`: it is there, and has its partitions
 * - `settings`: a topic of velo's own is as velo needs it
 * - `members`: the group has members, and each partition has a reader
 * - `lag`: what was not handled yet
 * - `waiting`: what waits in tiers and in replay topics, and how late the oldest is
 * - `dead-letters`: how many there may be, and how old the oldest is
 * - `clock`: this machine's time beside that in records
 */
export type FindingCheck =
  | 'connection'
  | 'topic'
  | 'settings'
  | 'members'
  | 'lag'
  | 'waiting'
  | 'dead-letters'
  | 'clock';

/** `unknown`: the client cannot ask, or its user may not. */
export type FindingStatus = 'ok' | 'warning' | 'problem' | 'unknown';

/** One thing that was looked at. */
export interface Finding {
  readonly check: FindingCheck;
  /** What it is about: `brokers`, `topic orders`, `group billing`. */
  readonly subject: string;
  readonly status: FindingStatus;
  /** For people. */
  readonly text: string;
  /** What mends it, mostly a command. */
  readonly remedy?: string | undefined;
  /** For programs: what the text tells in numbers. Times in ms. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}
