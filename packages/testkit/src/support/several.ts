/**
 * Of tests in which several members join, on the embedded broker. It refuses the one whose SyncGroup comes after its
 * leader's (INVALID_REQUEST, where Kafka hands out the assignment), so these are tried up to three times.
 */
export const several = { retry: 2 } as const;
