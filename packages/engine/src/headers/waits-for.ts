import type { KafkaHeaders } from '../binding/record.js';
import { decimal, inRange } from './header-values.js';
import { MAX_ATTEMPTS } from './profile.js';

/**
 * Beside whatever profile, on copies that are due later than one wait of their tier: where the next attempt is made. In which tier such a
 * copy happens to wait says nothing of that.
 */
export interface WaitsFor {
  /** 1 = the first. */
  readonly tierNumber: number;
  /** Attempts that were made there. */
  readonly attempts: number;
}

const TIER = 'velo-tier';
const ATTEMPTS = 'velo-tier-attempts';
const MOST_TIERS = 1_000;

const DAY = 86_400_000;

/** A record waits no longer than that, ms: 366 days. */
export const MOST_AFTER = 366 * DAY;

/**
 * Whether a copy can be due then: no copy is ever written to be due later than `MOST_AFTER`, and clocks differ by less than a day. It
 * is asked at each pass, so a forged time may only ever come nearer: no copy goes round for ever.
 *
 * @param until ms since 1970
 * @param wallTime now, ms since 1970
 */
export function isCredible(until: number, wallTime: number): boolean {
  return until <= wallTime + MOST_AFTER + DAY;
}

export function writeWaitsFor({ tierNumber, attempts }: WaitsFor): readonly (readonly [string, number])[] {
  return [
    [TIER, tierNumber],
    [ATTEMPTS, attempts],
  ];
}

/** Never throws; `undefined` for any other copy. */
export function readWaitsFor(headers: KafkaHeaders): WaitsFor | undefined {
  const tierNumber = inRange(decimal(headers.get(TIER)), 1, MOST_TIERS);
  if (tierNumber === undefined) return undefined;
  return { tierNumber, attempts: inRange(decimal(headers.get(ATTEMPTS)), 0, MAX_ATTEMPTS) ?? 0 };
}
