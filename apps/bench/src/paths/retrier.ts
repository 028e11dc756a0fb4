import { retry as attempt } from '@lifeomic/attempt';
import { createRetrier, exponential, RetryMetrics, retry } from '@velo/retry-core';
import asyncRetry from 'async-retry';
import * as cockatiel from 'cockatiel';
import { backOff } from 'exponential-backoff';
import pRetry from 'p-retry';
import type { Case, Path } from '../micro/path.js';
import { plainWrapper } from '../references/plain-wrapper.js';
import { inputsOf } from './inputs.js';

const MAX_ATTEMPTS = 5;

function cases(): readonly Case[] {
  const strategy = exponential({ initial: 100, max: 5_000 });
  const retrier = createRetrier({ strategy, maxAttempts: MAX_ATTEMPTS });
  const counted = createRetrier({ strategy, maxAttempts: MAX_ATTEMPTS, metrics: new RetryMetrics() });
  const options = { strategy, maxAttempts: MAX_ATTEMPTS };
  const policy = cockatiel.retry(cockatiel.handleAll, {
    maxAttempts: MAX_ATTEMPTS,
    backoff: new cockatiel.ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 }),
  });
  return [
    { name: 'createRetrier().run', kind: 'velo', call: (value: number) => retrier.run(async () => value) },
    { name: 'the same with metrics', kind: 'velo', call: (value: number) => counted.run(async () => value) },
    {
      name: 'retry() with options',
      kind: 'velo',
      call: (value: number) => retry(async () => value, options),
    },
    { name: 'await alone', kind: 'obvious', call: (value: number) => (async () => value)() },
    {
      name: 'plain async wrapper',
      kind: 'obvious',
      call: (value: number) => plainWrapper(async () => value, MAX_ATTEMPTS),
    },
    { name: 'cockatiel', kind: 'peer', call: (value: number) => policy.execute(async () => value) },
    {
      name: '@lifeomic/attempt',
      kind: 'peer',
      call: (value: number) =>
        attempt(async () => value, { maxAttempts: MAX_ATTEMPTS, delay: 100, factor: 1.5 }),
    },
    {
      name: 'async-retry',
      kind: 'peer',
      call: (value: number) => asyncRetry(async () => value, { retries: MAX_ATTEMPTS - 1 }),
    },
    {
      name: 'p-retry',
      kind: 'peer',
      call: (value: number) => pRetry(async () => value, { retries: MAX_ATTEMPTS - 1 }),
    },
    {
      name: 'exponential-backoff',
      kind: 'peer',
      call: (value: number) => backOff(async () => value, { numOfAttempts: MAX_ATTEMPTS }),
    },
  ];
}

export const retrierPaths: readonly Path[] = [
  {
    id: 'retrier',
    title: 'retrier, success at once',
    inputs: () => inputsOf((index) => index & 15),
    cases,
  },
];
