/**
 * Why nothing of a source and its tiers starts:
 *
 * - `user`: `pause()`
 * - `guard`: too many of its records were about to be given up
 */
export type HoldReason = 'user' | 'guard';

/** A source that is held. */
export interface HeldTopic {
  /** The source; its tiers are held with it. */
  readonly topic: string;
  readonly reason: HoldReason;
  /** ms since 1970 */
  readonly since: number;
}
