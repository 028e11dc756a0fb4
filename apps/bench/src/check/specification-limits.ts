import { calculateRetryDelay, exponential, parseDuration, RetryMetrics } from '@velo/retry-core';

/** One of the specification's own limits. */
export interface LimitResult {
  readonly name: string;
  /** Microseconds: the median run. */
  readonly measured: number;
  /** The very first run, before the engine has compiled anything. Not judged. */
  readonly cold: number;
  readonly limit: number;
}

const RUNS = 41;

/** The specification's `performance_regression_test`, its loops as they stand there. */
export function measureLimits(): LimitResult[] {
  const texts = ['30s', '5m', '1h'];
  const strategy = exponential({ initial: 1_000, max: 60_000, multiplier: 2 });
  const metrics = new RetryMetrics();
  return [
    limit('3,000 x 3 cached parses', 5_000, () => {
      let sum = 0;
      for (let i = 0; i < 3_000; i++) for (const text of texts) sum += parseDuration(text) ?? 0;
      return sum;
    }),
    limit('1,000 delays', 100, () => {
      let sum = 0;
      for (let i = 0; i < 1_000; i++) sum += calculateRetryDelay(strategy, i % 10);
      return sum;
    }),
    limit('2,000 metric operations', 200, () => {
      for (let i = 0; i < 2_000; i++) metrics.recordAttemptWithError('TopicMissing');
      return metrics.snapshot().attemptsTotal;
    }),
  ];
}

function limit(name: string, most: number, run: () => number): LimitResult {
  const times: number[] = [];
  let sum = 0;
  for (let i = 0; i < RUNS; i++) {
    const started = performance.now();
    sum += run();
    times.push((performance.now() - started) * 1_000);
  }
  if (!(sum > 0)) throw new Error(`${name}: the work was not done`);
  const [cold = 0] = times;
  const sorted = [...times].sort((a, b) => a - b);
  return { name, measured: sorted[RUNS >> 1] as number, cold, limit: most };
}
