import {
  type CircuitBreaker,
  type CircuitBreakerOptions,
  checkNames,
  checkNumber,
  toMilliseconds,
} from '@velo/retry-core';
import { fail, oneOf, optionalFunction, whole } from './check-option.js';
import type { BreakerPolicy, FlowPolicy, GuardPolicy, RatePolicy, RetryBudgetPolicy } from './config.js';
import { DEFAULTS } from './defaults.js';

/** When too many records are about to be given up, and what happens then. */
export interface GuardLimits {
  readonly deadLetters: number;
  /** Of all that end, 0 to 1. */
  readonly share: number;
  /** ms */
  readonly within: number;
  readonly then: 'pause' | 'stop';
  /** ms; `undefined`: when somebody says so. */
  readonly resumeAfter: number | undefined;
}

export interface RateLimits {
  readonly perSecond: number;
  readonly burst: number;
}

export interface BreakerLimits {
  /** Somebody else's: `options` then say nothing. */
  readonly shared: CircuitBreaker | undefined;
  readonly options: CircuitBreakerOptions & {
    readonly failureShare: number;
    readonly minAttempts: number;
    readonly window: number;
  };
  /** ms */
  readonly openFor: number;
  readonly probe: ((signal: AbortSignal) => unknown) | undefined;
}

export interface RetryBudgetLimits {
  readonly ratio: number;
  readonly minPerSecond: number;
  readonly capacity: number;
}

/** What may hold the records of a source; each `undefined` where there is none. */
export interface FlowLimits {
  readonly guard: GuardLimits | undefined;
  readonly rate: RateLimits | undefined;
  readonly breaker: BreakerLimits | undefined;
  readonly retryBudget: RetryBudgetLimits | undefined;
}

const DAY = 86_400_000;
const MOST_DEAD_LETTERS = 10_000;
const MOST_ATTEMPTS = 1_000_000;
const LEAST_PER_SECOND = 0.001;
const MOST_PER_SECOND = 1_000_000;
/** Of `openFor`, added by chance: members whose circuits have opened together do not try again together. */
const JITTER = 0.2;

const GUARD_NAMES = {
  deadLetters: true,
  share: true,
  within: true,
  // biome-ignore lint/suspicious/noThenProperty: the public name of a text, which nobody awaits
  then: true,
  resumeAfter: true,
} as const satisfies Record<keyof GuardPolicy, true>;
const BREAKER_NAMES = {
  failureShare: true,
  minAttempts: true,
  window: true,
  openFor: true,
  probe: true,
} as const satisfies Record<keyof BreakerPolicy, true>;

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function flowOf(policy: FlowPolicy = {}): FlowLimits {
  const { guard, rate, breaker, retryBudget } = policy;
  return {
    guard: guard === false ? undefined : guardOf(guard),
    rate: rate && rateOf(rate),
    breaker: breaker && breakerOf(breaker),
    retryBudget: retryBudget && budgetOf(retryBudget),
  };
}

function guardOf(policy: GuardPolicy = {}): GuardLimits {
  if (typeof policy !== 'object' || policy === null)
    fail('flow.guard', policy, 'false, or an object, such as { deadLetters: 100 }');
  checkNames(policy, GUARD_NAMES, 'flow.guard');
  const { deadLetters, share, within, resumeAfter } = policy;
  const then = oneOf(policy.then ?? DEFAULTS.guardThen, ['pause', 'stop'], 'flow.guard.then');
  if (then === 'stop' && resumeAfter !== undefined)
    fail(
      'flow.guard.resumeAfter',
      resumeAfter,
      "left out beside then: 'stop': a consumer that has stopped does not go on",
    );
  return {
    deadLetters: whole(
      deadLetters ?? DEFAULTS.guardDeadLetters,
      'flow.guard.deadLetters',
      1,
      MOST_DEAD_LETTERS,
    ),
    share: checkNumber(share ?? DEFAULTS.guardShare, 'flow.guard.share', 0, 1),
    within: toMilliseconds(within ?? DEFAULTS.guardWithin, 'flow.guard.within', { min: 1, max: DAY }),
    then,
    resumeAfter:
      resumeAfter === undefined
        ? undefined
        : toMilliseconds(resumeAfter, 'flow.guard.resumeAfter', { min: 1, max: 365 * DAY }),
  };
}

function rateOf({ perSecond, burst }: RatePolicy): RateLimits {
  checkNumber(perSecond, 'flow.rate.perSecond', LEAST_PER_SECOND, MOST_PER_SECOND);
  const rested = Math.max(1, Math.floor(perSecond / 100));
  return { perSecond, burst: whole(burst ?? rested, 'flow.rate.burst', 1, MOST_PER_SECOND) };
}

function breakerOf(policy: BreakerPolicy | CircuitBreaker): BreakerLimits {
  if (typeof policy !== 'object' || policy === null)
    fail('flow.breaker', policy, 'an object, such as { failureShare: 0.5 }, or a CircuitBreaker');
  const shared = isCircuitBreaker(policy) ? policy : undefined;
  const own: BreakerPolicy = shared === undefined ? (policy as BreakerPolicy) : {};
  checkNames(own, BREAKER_NAMES, 'flow.breaker');
  const { failureShare, minAttempts, window, probe } = own;
  const openFor = toMilliseconds(own.openFor ?? DEFAULTS.breakerOpenFor, 'flow.breaker.openFor', {
    min: 1,
    max: DAY,
  });
  return {
    shared,
    probe: optionalFunction(probe, 'flow.breaker.probe'),
    openFor,
    options: {
      failureShare: checkNumber(failureShare ?? DEFAULTS.breakerShare, 'flow.breaker.failureShare', 0.001, 1),
      minAttempts: whole(
        minAttempts ?? DEFAULTS.breakerAttempts,
        'flow.breaker.minAttempts',
        1,
        MOST_ATTEMPTS,
      ),
      window: toMilliseconds(window ?? DEFAULTS.breakerWindow, 'flow.breaker.window', { min: 10, max: DAY }),
      openFor,
      jitter: JITTER,
    },
  };
}

/** By what it can do: it may be of another copy of the core. */
function isCircuitBreaker(value: object): value is CircuitBreaker {
  const { allows, onChange, left } = value as Partial<CircuitBreaker>;
  return [allows, onChange, left].every((method) => typeof method === 'function');
}

function budgetOf({ ratio, minPerSecond, capacity }: RetryBudgetPolicy): RetryBudgetLimits {
  return {
    ratio: checkNumber(ratio ?? DEFAULTS.budgetRatio, 'flow.retryBudget.ratio', 0, 1_000),
    // Without one, a topic of which nothing succeeds would wait for ever.
    minPerSecond: checkNumber(
      minPerSecond ?? DEFAULTS.budgetPerSecond,
      'flow.retryBudget.minPerSecond',
      LEAST_PER_SECOND,
      MOST_PER_SECOND,
    ),
    capacity: checkNumber(
      capacity ?? DEFAULTS.budgetCapacity,
      'flow.retryBudget.capacity',
      1,
      MOST_PER_SECOND,
    ),
  };
}
