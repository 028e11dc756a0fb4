import type { ClientName } from '../clients.js';
import type { Version } from '../plan/version.js';

/** What a member's process is told when it is started. */
export interface MemberSettings {
  /** Where the run's files are. */
  readonly folder: string;
  /** Where it writes its history. */
  readonly history: string;
  readonly client: ClientName;
  readonly handOff: HandOffMode;
  /** Handlers of a partition at once. */
  readonly concurrency: number;
  /** Later records of a key follow one that waits in a tier. */
  readonly keepKeyOrder: boolean;
  readonly version: Version;
  /** Whether each source has a circuit breaker. */
  readonly breaker: boolean;
  readonly brokers: readonly string[];
  /** Of what it draws by itself. */
  readonly seed: number;
}

/** What `--hand-off` takes. */
export const HAND_OFF_MODES = ['at-least-once', 'transactional'] as const;
export type HandOffMode = (typeof HAND_OFF_MODES)[number];

/**
 * Tells a member to kill itself at its next hand-off: after the copy's acknowledgement, before the commit; in the midst
 * of the transaction, if it has one.
 */
export const DIE_AT_HAND_OFF = 'SIGUSR2';
/** Tells a member to leave. */
export const LEAVE = 'SIGTERM';
/** Tell a member that its wall clock steps by an hour. */
export const CLOCK_BACK = 'SIGHUP';
export const CLOCK_FORWARD = 'SIGWINCH';
