/**
 * Of each member, for each source: ms. A quarter of all attempts fail without an outage, so that the share lies well above:
 * towards the end, when those that never pass are left alone, none opens.
 */
export const BREAKER = { failureShare: 0.9, minAttempts: 10, window: 2_000, openFor: 1_500 } as const;
