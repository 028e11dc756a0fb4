/** A node by its id, or whichever coordinates the group, or was killed least, at that time. */
export type Target = 1 | 2 | 3 | 'coordinator' | 'least killed';

/**
 * - `reset`: all connections are reset, new ones are accepted
 * - `refuse`: all connections are reset, new ones are refused
 * - `half-open`: connections stay, bytes vanish
 * - `lost-answers`: brokers do what they are told, and nobody hears of it
 * - `slow`: every packet is late
 */
export type Cut = 'reset' | 'refuse' | 'half-open' | 'lost-answers' | 'slow';

/**
 * What an administrator does to the group's offsets.
 *
 * - `moved`: of some partitions they go back, of others beyond the end of the log
 * - `deleted`: all of them, with the group
 */
export type Reset = 'moved' | 'deleted';

/** What a step is about; there is one at a time, so that of three brokers two are always there. */
export type MainFault =
  | {
      readonly kind: 'broker kill';
      readonly target: Target /** After the failover, ms. */;
      readonly down: number;
      /** So long that whoever waits for the partitions without replicas is found out. */
      readonly offline: boolean;
    }
  | {
      readonly kind: 'network';
      readonly target: Target;
      readonly cut: Cut /** ms */;
      readonly length: number;
    }
  /** The service that handlers call is away. */
  | { readonly kind: 'outage' /** ms */; readonly length: number }
  | {
      readonly kind: 'reset';
      readonly reset: Reset;
      /** A group's offsets can be set while it has no member: all are frozen beyond their session, or killed. */
      readonly members: 'frozen' | 'killed';
    }
  /** A new version is rolled out and stops halfway: members of both stay. */
  | { readonly kind: 'deploy' }
  /** Nothing, for so long, but for what happens beside it. */
  | { readonly kind: 'calm' /** ms */; readonly length: number };

/**
 * A fault of a member, so long after the beginning of its step.
 *
 * - `freeze`: SIGSTOP until its session is over, then SIGCONT
 * - `clock back`, `clock forward`: its wall clock steps by an hour
 */
export type MemberFault = {
  readonly kind: 'kill' | 'kill at hand-off' | 'leave' | 'join' | 'freeze' | 'clock back' | 'clock forward';
  /** ms */
  readonly delay: number;
  /** Which of the members that are there then: a number in `[0, 1)`. */
  readonly which: number;
};

/** A topic is deleted and made again. */
export interface Recreation {
  /** ms after the beginning of its step */
  readonly delay: number;
  /** With more partitions than before. */
  readonly wider: boolean;
}

export interface Step {
  readonly main: MainFault;
  readonly members: readonly MemberFault[];
  readonly recreations: readonly Recreation[];
}
