import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real brokers and real time: on a busy machine one may be late once; twice is a defect.
    retry: 1,
    // A program that only says what is wrong takes 0.3 s, and many times that beside the chaos.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
