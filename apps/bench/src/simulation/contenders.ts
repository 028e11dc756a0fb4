import {
  exponential,
  fixed,
  type JitterMode,
  linear,
  predictive,
  type RetryStrategy,
  withJitter,
} from '@velo/retry-core';

/** A strategy with a jitter, as one would configure it; all from 500 ms to 30 s. */
export interface Contender {
  readonly strategy: string;
  readonly jitter: JitterMode;
  readonly budget: boolean;
  readonly make: (random: () => number) => RetryStrategy;
}

const INITIAL = 500;
const MAX = 30_000;

const STRATEGIES: Readonly<Record<string, () => RetryStrategy>> = {
  'fixed 1 s': () => fixed(1_000),
  linear: () => linear({ initial: INITIAL, max: MAX }),
  'exponential x1.5': () => exponential({ initial: INITIAL, max: MAX }),
  'exponential x2': () => exponential({ initial: INITIAL, max: MAX, multiplier: 2 }),
  predictive: () => predictive({ initial: INITIAL, max: MAX }),
};

const JITTERS: readonly JitterMode[] = ['none', 'full', 'equal', 'decorrelated'];

export const contenders: readonly Contender[] = Object.entries(STRATEGIES).flatMap(([strategy, make]) =>
  JITTERS.flatMap((jitter) =>
    [false, true].map((budget) => ({
      strategy,
      jitter,
      budget,
      make: (random: () => number) => withJitter(make(), jitter, random),
    })),
  ),
);
