import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Time is virtual here; a law with thousands of cases is slow where the machine is busy.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
  },
});
