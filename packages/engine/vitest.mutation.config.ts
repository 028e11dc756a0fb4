import { defineConfig } from 'vitest/config';

/** For Stryker: only tests in memory, on virtual time, and none that takes long, so that a mutant costs a second. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They read files that stand beside the package, which Stryker's copy of it does not have; or take seconds.
    exclude: [
      'test/{documented-defaults,readme-tables,foreign-texts,topic-names-pinned}.test.ts',
      'test/example/**',
      'test/keep-key-order-laws.test.ts',
      'test/flow/flow-laws.test.ts',
      'test/dead-letters/kill-laws.test.ts',
    ],
    testNamePattern: /^(?!.*(holds the lane when copies cannot be written|takes linear time))/,
    // A mutant that hangs is ended by Stryker, sooner
    testTimeout: 20_000,
  },
});
