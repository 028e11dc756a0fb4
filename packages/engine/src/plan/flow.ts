import { checkNames, checkNumber, toMilliseconds } from '@velo/retry-core';
import { fail, oneOf, whole } from './check-option.js';
import type { FlowPolicy, GuardPolicy } from './config.js';
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

/** What may hold the records of a source. */
export interface FlowLimits {
  /** `undefined`: none. */
  readonly guard: GuardLimits | undefined;
}

const GUARD_NAMES = {
  deadLetters: true,
  share: true,
  within: true,
  // biome-ignore lint/suspicious/noThenProperty: the public name of a text, which nobody awaits
  then: true,
  resumeAfter: true,
} as const satisfies Record<keyof GuardPolicy, true>;
const DAY = 86_400_000;
const MOST_DEAD_LETTERS = 10_000;

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function flowOf(policy: FlowPolicy = {}): FlowLimits {
  return { guard: policy.guard === false ? undefined : guardOf(policy.guard) };
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
