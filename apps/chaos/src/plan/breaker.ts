/**
 * Of each member, for each source: ms. A quarter of all attempts fail without an outage, so that the share lies well above.
 */
export const BREAKER = { failureShare: 0.7, minAttempts: 10, window: 2_000, openFor: 1_500 } as const;
