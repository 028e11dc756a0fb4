/**
 * Why nothing of a source and its tiers starts:
 *
 * - `user`: `pause()`
 * - `guard`: too many of its records were about to be given up
 * - `breaker`: too large a share of its attempts has failed
 * - `rate`: as many as may start have started; the next ones follow one by one
 */
export type HoldReason = 'user' | 'guard' | 'breaker' | 'rate';

export const HOLD_REASONS = ['user', 'guard', 'breaker', 'rate'] as const satisfies HoldReason[];

/** A source that is held. */
export interface HeldTopic {
  /** The source; its tiers are held with it. */
  readonly topic: string;
  readonly reason: HoldReason;
  /** ms since 1970 */
  readonly since: number;
}
