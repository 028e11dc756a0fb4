import { calculateRetryDelay, exponential, fixed, linear, type RetryStrategy } from '@velo/retry-core';
import type { Case, Path } from '../micro/path.js';
import { inputsOf, varied } from './inputs.js';

/** Milliseconds, as in the specification's benchmark. */
const INITIAL = 1_000;
const MAX = 60_000;

const INDEXES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function casesOf(strategy: RetryStrategy, formula: (index: number) => number): readonly Case[] {
  return [
    {
      name: 'calculateRetryDelay',
      kind: 'velo',
      call: (index: number) => calculateRetryDelay(strategy, index),
    },
    { name: 'strategy.delay', kind: 'velo', call: (index: number) => strategy.delay(index) },
    { name: 'formula', kind: 'obvious', call: formula },
  ];
}

function exponentialPath(multiplier: number): Path {
  return {
    id: `delay-x${multiplier}`,
    title: `delay, exponential x${multiplier}`,
    inputs: () => inputsOf(varied(INDEXES)),
    cases: () => [
      ...casesOf(exponential({ initial: INITIAL, max: MAX, multiplier }), (index) =>
        Math.min(MAX, INITIAL * multiplier ** index),
      ),
      {
        name: 'seconds by Math.pow',
        kind: 'before',
        call: (index: number) => Math.min(MAX, Math.round((INITIAL / 1_000) * multiplier ** index * 1_000)),
      },
    ],
    rust: `delay-x${multiplier}`,
  };
}

export const delayPaths: readonly Path[] = [
  ...[2, 1.5, 1.7].map(exponentialPath),
  {
    id: 'delay-linear',
    title: 'delay, linear',
    inputs: () => inputsOf(varied(INDEXES)),
    cases: () =>
      casesOf(linear({ initial: INITIAL, max: MAX }), (index) => Math.min(MAX, INITIAL + index * INITIAL)),
    rust: 'delay-linear',
  },
  {
    id: 'delay-fixed',
    title: 'delay, fixed',
    inputs: () => inputsOf(varied(INDEXES)),
    cases: () => casesOf(fixed(INITIAL), (index) => (index >= 0 ? INITIAL : 0)),
    rust: 'delay-fixed',
  },
];
