/** For tests on a busy machine: Vitest's own 5 s, and 10 s of a hook, are for one that is idle. In ms. */
export const BUSY = { testTimeout: 30_000, hookTimeout: 30_000 };

/** Real brokers and real time: on a busy machine one may be late once; twice is a defect. */
export const REAL_TIME = { ...BUSY, retry: 1 };
