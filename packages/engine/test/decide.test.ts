import { fixed, PermanentError, RetriableError } from '@velo/retry-core';
import { expect, it } from 'vitest';
import { noHeaders } from '../src/binding/lazy-headers.js';
import { type Decision, decide } from '../src/failures/decide.js';
import { failureOf } from '../src/failures/failure.js';

const record = {
  topic: 'orders',
  partition: 0,
  offset: '0',
  timestamp: 0,
  key: null,
  value: null,
  headers: noHeaders,
};
const limits = { maxAttempts: 3, strategy: fixed(100) };
const FIRST = { wait: 5_000 };
const SECOND = { wait: 60_000 };
const BOTH = [FIRST, SECOND];

it.each<{
  what: string;
  error: unknown;
  attempt: number;
  ahead: (typeof FIRST)[];
  /** The tier that it is in. */
  here?: typeof FIRST;
  decision: Decision;
}>([
  {
    what: 'a first failure',
    error: new Error(),
    attempt: 1,
    ahead: BOTH,
    decision: { action: 'retry-in-place', delay: 100 },
  },
  {
    what: 'the last attempt in the source',
    error: new Error(),
    attempt: 3,
    ahead: BOTH,
    decision: { action: 'hand-off', tier: FIRST },
  },
  {
    what: 'the last attempt in a tier',
    error: new Error(),
    attempt: 3,
    ahead: [SECOND],
    decision: { action: 'hand-off', tier: SECOND },
  },
  {
    what: 'the last attempt in the last tier',
    error: new Error(),
    attempt: 3,
    ahead: [],
    decision: { action: 'exhausted', reason: 'exhausted' },
  },
  {
    what: 'more attempts than are allowed',
    error: new Error(),
    attempt: 9,
    ahead: BOTH,
    decision: { action: 'hand-off', tier: FIRST },
  },
  {
    what: 'a permanent failure',
    error: new PermanentError(),
    attempt: 1,
    ahead: BOTH,
    decision: { action: 'exhausted', reason: 'permanent' },
  },
  {
    what: 'a wish shorter than the strategy',
    error: new RetriableError({ after: 20 }),
    attempt: 1,
    ahead: BOTH,
    decision: { action: 'retry-in-place', delay: 100 },
  },
  {
    what: 'a wish shorter than the next tier',
    error: new RetriableError({ after: 4_000 }),
    attempt: 1,
    ahead: BOTH,
    decision: { action: 'retry-in-place', delay: 4_000 },
  },
  {
    what: 'a wish longer than the next tier',
    error: new RetriableError({ after: 5_001 }),
    attempt: 1,
    ahead: BOTH,
    decision: { action: 'hand-off', tier: SECOND },
  },
  {
    what: 'a wish longer than all tiers',
    error: new RetriableError({ after: '1h' }),
    attempt: 1,
    ahead: BOTH,
    decision: { action: 'hand-off', tier: SECOND, after: 3_600_000 },
  },
  {
    what: 'a long wish in the last tier',
    error: new RetriableError({ after: '1h' }),
    attempt: 2,
    ahead: [],
    here: SECOND,
    decision: { action: 'hand-off', tier: SECOND, after: 3_600_000, stays: 2 },
  },
  {
    what: 'a wish as long as the last tier, there',
    error: new RetriableError({ after: '1m' }),
    attempt: 1,
    ahead: [],
    here: SECOND,
    decision: { action: 'hand-off', tier: SECOND, stays: 1 },
  },
  {
    what: 'a wish shorter than the last tier, there',
    error: new RetriableError({ after: 59_999 }),
    attempt: 1,
    ahead: [],
    here: SECOND,
    decision: { action: 'retry-in-place', delay: 59_999 },
  },
  {
    what: 'a long wish at the last attempt in the last tier',
    error: new RetriableError({ after: '1h' }),
    attempt: 3,
    ahead: [],
    here: SECOND,
    decision: { action: 'exhausted', reason: 'exhausted' },
  },
  {
    what: 'a long wish without tiers',
    error: new RetriableError({ after: '1h' }),
    attempt: 2,
    ahead: [],
    decision: { action: 'retry-in-place', delay: 3_600_000 },
  },
  {
    what: 'the last attempt without tiers',
    error: new Error(),
    attempt: 3,
    ahead: [],
    decision: { action: 'exhausted', reason: 'exhausted' },
  },
])('$what: $decision.action', ({ error, attempt, ahead, here, decision }) => {
  const failure = failureOf(error, record, 'handler');
  expect(decide(failure, attempt, ahead, limits, here)).toEqual(decision);
});
