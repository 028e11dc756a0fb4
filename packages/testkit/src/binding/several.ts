/**
 * Of tests in which several members join. The embedded broker refuses the one whose SyncGroup comes after its leader's
 * (INVALID_REQUEST, where Kafka hands out the assignment), so these are tried up to three times.
 */
export const several = { retry: 2 } as const;
