import { type JitterMode, type RetryStrategy, withJitter } from '@velo/retry-core';

/** ms; equal where nothing is left to chance. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** One attempt, and the wait before it. */
export interface Step {
  /** Over all topics, from 1. */
  readonly attempt: number;
  /** 0 is the source. */
  readonly tierNumber: number;
  readonly wait: Span;
  /** Since the first attempt, if attempts take no time. */
  readonly at: Span;
}

export interface Schedule {
  readonly strategy: RetryStrategy;
  readonly jitter: JitterMode;
  /** In each topic, the first included. */
  readonly attempts: number;
  /** The wait of each, ms. */
  readonly tiers: readonly number[];
}

/** The least that can be drawn, and what all draws stay below. */
const DRAWS = [() => 0, () => 1] as const;

/** All attempts of one record that never succeeds, by the strategies of the core. */
export function stepsOf(schedule: Schedule): Step[] {
  const [least, most] = DRAWS.map((draw) => waitsOf(schedule, draw)) as [Wait[], Wait[]];
  const at = { least: 0, most: 0 };
  return least.map(({ tierNumber, ms }, index) => {
    // Decorrelated jitter may draw less where it drew more before.
    const other = (most[index] as Wait).ms;
    const wait = { least: Math.min(ms, other), most: Math.max(ms, other) };
    at.least += wait.least;
    at.most += wait.most;
    return { attempt: index + 1, tierNumber, wait, at: { ...at } };
  });
}

interface Wait {
  readonly tierNumber: number;
  readonly ms: number;
}

/** What is waited before each attempt. */
function waitsOf({ strategy, jitter, attempts, tiers }: Schedule, draw: () => number): Wait[] {
  return [0, ...tiers].flatMap((tierWait, tierNumber) => {
    // Each topic begins anew, and so does what a strategy remembers.
    const waits = withJitter(strategy, jitter, draw);
    let previous: number | undefined;
    return Array.from({ length: attempts }, (_, index) => {
      if (index === 0) return { tierNumber, ms: tierWait };
      previous = waits.delay(index - 1, previous);
      return { tierNumber, ms: previous };
    });
  });
}
