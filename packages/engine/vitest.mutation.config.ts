import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Beside this package, or beside the one whose copy this is: Stryker's is two folders deeper, in `.stryker-tmp`. */
const packages = fileURLToPath(
  new URL(import.meta.url.includes('.stryker-tmp') ? '../../../' : '../', import.meta.url),
);

/** For Stryker: only tests in memory, on virtual time, and none that takes long, so that a mutant costs a second. */
export default defineConfig({
  // What tests have in common with the core's and the testkit's, which Stryker's copy lacks
  resolve: { alias: [{ find: /^(\.\.\/)+(retry-core|testkit)\//, replacement: `${packages}$2/` }] },
  test: {
    include: ['test/**/*.test.ts'],
    // They read files that stand beside the package, which Stryker's copy of it does not have; or take seconds.
    exclude: [
      'test/{documented-defaults,readme-tables,foreign-texts}.test.ts',
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
