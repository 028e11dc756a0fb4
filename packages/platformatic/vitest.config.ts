import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Real brokers and real time: on a busy machine one may be late once; twice is a defect.
    retry: 1,
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    // The embedded broker's threads belong to the process: a worker thread that ends would leave them behind.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
  },
});
