import { CircuitBreaker } from '@velo/retry-core';
import type { Policy } from './consumers.js';

export interface NamedPolicy {
  readonly name: string;
  /** For one consumer; chance is its argument. */
  readonly policy: (random: () => number) => Policy;
}

/** As one would configure it: three attempts in place, then two tiers, then the dead letters. */
const RETRY = { tiers: ['5s', '30s'] };
const BUDGET = { ratio: 0.1, minPerSecond: 1, capacity: 10 };

/** What `flow: { breaker: { openFor: '5s' } }` makes, by a chance that can be repeated. */
function breaker(random: () => number): CircuitBreaker {
  return new CircuitBreaker({ failureShare: 0.5, minAttempts: 20, openFor: '5s', jitter: 0.2, random });
}

/** For a service that is down. The guard is on where nothing is said, as by default. */
export const outagePolicies: readonly NamedPolicy[] = [
  { name: 'retries alone', policy: () => ({ retry: RETRY, flow: { guard: false } }) },
  {
    name: 'retries and the guard',
    policy: () => ({ retry: RETRY, flow: { guard: { resumeAfter: '10s' } } }),
  },
  { name: 'a retry budget', policy: () => ({ retry: RETRY, flow: { retryBudget: BUDGET } }) },
  { name: 'a breaker', policy: (random) => ({ retry: RETRY, flow: { breaker: breaker(random) } }) },
  {
    name: 'a breaker and a budget',
    policy: (random) => ({ retry: RETRY, flow: { breaker: breaker(random), retryBudget: BUDGET } }),
  },
];

/** For a deploy whose handler throws at each record. */
export const deployPolicies: readonly NamedPolicy[] = [
  { name: 'no guard', policy: () => ({ retry: RETRY, flow: { guard: false } }) },
  { name: 'the guard', policy: () => ({ retry: RETRY }) },
  { name: 'the guard, from 20 on', policy: () => ({ retry: RETRY, flow: { guard: { deadLetters: 20 } } }) },
];
