import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real brokers and real time: on a busy machine one may be late once; twice is a defect.
    retry: 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
