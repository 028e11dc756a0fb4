import { defineConfig } from 'vitest/config';
import { REAL_TIME } from '../../vitest.limits.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    // The embedded broker's threads belong to the process: a worker thread that ends would leave them behind.
    pool: 'forks',
    ...REAL_TIME,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
  },
});
