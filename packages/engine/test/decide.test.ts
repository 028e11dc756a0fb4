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
const limits = { maxAttempts: 3, strategy: fixed(100), tiers: [5_000, 60_000] };

it.each<{
  what: string;
  error: unknown;
  attempt: number;
  tier: number;
  tiers?: number[];
  decision: Decision;
}>([
  {
    what: 'a first failure',
    error: new Error(),
    attempt: 1,
    tier: 0,
    decision: { action: 'retry-in-place', delay: 100 },
  },
  {
    what: 'the last try in the source',
    error: new Error(),
    attempt: 3,
    tier: 0,
    decision: { action: 'hand-off', tier: 1 },
  },
  {
    what: 'the last try in a tier',
    error: new Error(),
    attempt: 3,
    tier: 1,
    decision: { action: 'hand-off', tier: 2 },
  },
  {
    what: 'the last try in the last tier',
    error: new Error(),
    attempt: 3,
    tier: 2,
    decision: { action: 'exhausted', reason: 'exhausted' },
  },
  {
    what: 'more tries than are allowed',
    error: new Error(),
    attempt: 9,
    tier: 0,
    decision: { action: 'hand-off', tier: 1 },
  },
  {
    what: 'a permanent failure',
    error: new PermanentError(),
    attempt: 1,
    tier: 0,
    decision: { action: 'exhausted', reason: 'permanent' },
  },
  {
    what: 'a wish shorter than the strategy',
    error: new RetriableError({ after: 20 }),
    attempt: 1,
    tier: 0,
    decision: { action: 'retry-in-place', delay: 100 },
  },
  {
    what: 'a wish shorter than the next tier',
    error: new RetriableError({ after: 4_000 }),
    attempt: 1,
    tier: 0,
    decision: { action: 'retry-in-place', delay: 4_000 },
  },
  {
    what: 'a wish longer than the next tier',
    error: new RetriableError({ after: 5_001 }),
    attempt: 1,
    tier: 0,
    decision: { action: 'hand-off', tier: 2 },
  },
  {
    what: 'a wish longer than all tiers',
    error: new RetriableError({ after: '1h' }),
    attempt: 1,
    tier: 0,
    decision: { action: 'hand-off', tier: 2 },
  },
  {
    what: 'a long wish in the last tier',
    error: new RetriableError({ after: '1h' }),
    attempt: 1,
    tier: 2,
    decision: { action: 'retry-in-place', delay: 3_600_000 },
  },
  {
    what: 'a long wish without tiers',
    error: new RetriableError({ after: '1h' }),
    attempt: 2,
    tier: 0,
    tiers: [],
    decision: { action: 'retry-in-place', delay: 3_600_000 },
  },
  {
    what: 'the last try without tiers',
    error: new Error(),
    attempt: 3,
    tier: 0,
    tiers: [],
    decision: { action: 'exhausted', reason: 'exhausted' },
  },
])('$what: $decision.action', ({ error, attempt, tier, tiers, decision }) => {
  const failure = failureOf(error, record, 'handler');
  expect(decide(failure, attempt, tier, { ...limits, tiers: tiers ?? limits.tiers })).toEqual(decision);
});
