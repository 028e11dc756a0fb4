import type { ClientName } from '../clients.js';

/** What a member's process is told when it is started. */
export interface MemberSettings {
  /** Where it writes its history. */
  readonly history: string;
  readonly client: ClientName;
  readonly brokers: readonly string[];
}

/** Tells a member to kill itself at its next hand-off: after the copy's acknowledgement, before the commit. */
export const DIE_AT_HAND_OFF = 'SIGUSR2';
/** Tells a member to leave. */
export const LEAVE = 'SIGTERM';
