import { Random, seedFor } from '@velo/testkit/random';
import { MAX_ATTEMPTS, TIER_WAITS } from './topics.js';

/**
 * What a record is to go through. It follows from the seed and the record's number, so that the checker knows the
 * right end of each record without having watched it.
 *
 * - `pass`: the first attempt succeeds
 * - `second-attempt`: fails once, then passes in place
 * - `first-tier`, `second-tier`: passes only there
 * - `hopeless`: fails everywhere, so it is dead-lettered as exhausted
 * - `poison`: fails for good at once
 * - `garbled`: its value cannot be decoded
 */
export type Fate =
  | 'pass'
  | 'second-attempt'
  | 'first-tier'
  | 'second-tier'
  | 'hopeless'
  | 'poison'
  | 'garbled';

/** Of 1,000 records. */
const SHARES: readonly (readonly [Fate, number])[] = [
  ['second-attempt', 40],
  ['first-tier', 50],
  ['second-tier', 30],
  ['hopeless', 10],
  ['poison', 10],
  ['garbled', 5],
];

export function fateOf(seed: number, id: number): Fate {
  let left = new Random(seedFor(seed, `fate ${id}`)).next() * 1_000;
  for (const [fate, share] of SHARES) {
    left -= share;
    if (left < 0) return fate;
  }
  return 'pass';
}

/** How a record must end. */
export type End =
  | { readonly end: 'handled' /** 0 = the source */; readonly tier: number }
  | {
      readonly end: 'dead-lettered';
      readonly reason: 'permanent' | 'exhausted';
      /** Attempts in all topics; a member of the old version knows one tier less. */
      readonly attempts: readonly number[];
      /** What the cause's message begins with. */
      readonly message: string;
    };

export function endOf(fate: Fate): End {
  switch (fate) {
    case 'pass':
    case 'second-attempt':
      return { end: 'handled', tier: 0 };
    case 'first-tier':
      return { end: 'handled', tier: 1 };
    case 'second-tier':
      return { end: 'handled', tier: 2 };
    case 'hopeless':
      return {
        end: 'dead-lettered',
        reason: 'exhausted',
        attempts: [TIER_WAITS.length, TIER_WAITS.length + 1].map((topics) => MAX_ATTEMPTS * topics),
        message: 'the service is away',
      };
    case 'poison':
      return { end: 'dead-lettered', reason: 'permanent', attempts: [1], message: 'nobody wants this' };
    case 'garbled':
      return { end: 'dead-lettered', reason: 'permanent', attempts: [1], message: 'garbled' };
  }
}

/** Whether this attempt is to fail. */
export function fails(fate: Fate, tier: number, attempt: number): boolean {
  if (fate === 'second-attempt') return tier === 0 && attempt === 1;
  const { end, tier: passes } = { tier: 0, ...endOf(fate) };
  return end === 'dead-lettered' || tier < passes;
}
