import type { RetryMetricsSnapshot } from './metrics.js';

/** Where each count stands in a list of counts. */
export const ATTEMPTS = 0;
export const SUCCESSES = 1;
export const TIMEOUTS = 2;
export const TOPIC_MISSING = 3;
export const NETWORK_ISSUE = 4;
export const AUTHENTICATION_ISSUE = 5;
export const CONFIGURATION_ISSUE = 6;
export const UNKNOWN = 7;
export const COUNTS = 8;

/** `part` for each of `whole`; 0 where nothing was counted, never NaN. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** A snapshot of a list of `COUNTS` counts in the order above. */
export function snapshotOf(counts: ArrayLike<number>): RetryMetricsSnapshot {
  const count = (index: number): number => counts[index] as number;
  const attemptsTotal = count(ATTEMPTS);
  const successesTotal = count(SUCCESSES);
  const timeoutsTotal = count(TIMEOUTS);
  return {
    attemptsTotal,
    successesTotal,
    timeoutsTotal,
    errorsByCategory: {
      TopicMissing: count(TOPIC_MISSING),
      NetworkIssue: count(NETWORK_ISSUE),
      AuthenticationIssue: count(AUTHENTICATION_ISSUE),
      ConfigurationIssue: count(CONFIGURATION_ISSUE),
      Unknown: count(UNKNOWN),
    },
    successRate: ratio(successesTotal, attemptsTotal),
    timeoutRate: ratio(timeoutsTotal, attemptsTotal),
    averageAttempts: ratio(attemptsTotal, successesTotal),
  };
}
