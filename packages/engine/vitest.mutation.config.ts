import { defineConfig } from 'vitest/config';

/** For Stryker: only tests in memory, on virtual time, and none that takes long, so that a mutant costs a second. */
export default defineConfig({
  test: {
    include: ['test/engine/**/*.test.ts'],
    testNamePattern: /^(?!.*(holds the lane when copies cannot be written|takes linear time))/,
    // A mutant that hangs is ended by Stryker, sooner
    testTimeout: 20_000,
  },
});
